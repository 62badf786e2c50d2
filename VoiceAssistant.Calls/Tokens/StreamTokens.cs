using System.Text.Json;
using StackExchange.Redis;
using VoiceAssistant.Calls.Redis;

namespace VoiceAssistant.Calls.Tokens;

/// <summary>Takes the single-use tokens that <see cref="Records.CallRecords"/> issues: each admits one media stream of one answered call.</summary>
public sealed class StreamTokens(IConnectionMultiplexer redis, TimeProvider time, TokenMetrics metrics)
{
    // Of the right form, and nobody's.
    private static readonly string NoToken = new('A', StreamToken.Length);

    private readonly ConsumedTokens _consumed = new(time);

    /// <summary>Uses the token up, whatever the answer is worth to the asker.</summary>
    /// <returns>What the token was issued for; null if it is malformed, unknown, expired or already used.</returns>
    /// <remarks>
    /// GETDEL is atomic, so of any number of sockets racing with one token exactly one wins. It is never retried: one that timed out
    /// may still have run.
    /// </remarks>
    /// <exception cref="RedisException">Redis cannot be reached or refused.</exception>
    /// <exception cref="TimeoutException">Redis did not answer within 300 ms.</exception>
    public async Task<StreamGrant?> ConsumeAsync(string token, CancellationToken cancellationToken)
    {
        // A malformed token costs no command.
        if (!StreamToken.IsWellFormed(token))
        {
            return null;
        }

        // Nobody is there any more to whom it would be of use.
        cancellationToken.ThrowIfCancellationRequested();

        var key = StreamToken.Key(token);
        var grant = await TakeAsync(key, cancellationToken);
        if (grant.IsNull && !_consumed.Contains(key!))
        {
            metrics.Expired();
            return null;
        }

        if (grant.IsNull || !_consumed.Add(key!))
        {
            metrics.Replayed();
            return null;
        }

        metrics.Consumed();
        return JsonSerializer.Deserialize((byte[])grant!, StreamGrantJson.Default.StreamGrant);
    }

    /// <summary>Goes once the way of a token, so that the first caller does not wait for what is slow only once.</summary>
    /// <inheritdoc cref="ConsumeAsync" path="/exception"/>
    internal Task WarmUpAsync(CancellationToken cancellationToken) => TakeAsync(StreamToken.Key(NoToken), cancellationToken);

    private Task<RedisValue> TakeAsync(RedisKey key, CancellationToken cancellationToken) =>
        redis.GetDatabase().StringGetDeleteAsync(key, CommandFlags.DemandMaster).WithinPatience(time, cancellationToken);
}
