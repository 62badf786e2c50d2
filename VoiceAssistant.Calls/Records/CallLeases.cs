using StackExchange.Redis;
using VoiceAssistant.Calls.Redis;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Calls.Records;

/// <summary>Which stream a call has now: <c>va:live:{CallSid}</c> holds its token's sequence for as long as the bridge says so.</summary>
/// <remarks>
/// The second guard behind the token: after a failover a token can be consumed again. A lease is never what a running call depends
/// on; only a newer stream of the same call ends it.
/// </remarks>
public sealed class CallLeases(IConnectionMultiplexer redis, TimeProvider time)
{
    /// <summary>A third of the time that a lease lasts.</summary>
    public static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Lifetime = 3 * RenewInterval;

    private static readonly RedisKey Prefix = "va:live:";

    // KEYS: the lease. ARGV: our sequence, the least that is in our way, the lifetime.
    private const string TakeScript =
        """
        local held = redis.call('GET', KEYS[1])
        if held and tonumber(held) >= tonumber(ARGV[2]) then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
        return 1
        """;

    /// <returns>False if there is or just was a stream with this token, or with a newer one of the call.</returns>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public Task<bool> TakeAsync(StreamGrant grant, CancellationToken cancellationToken) => TakeAsync(grant, grant.Sequence, cancellationToken);

    /// <summary>Keeps the lease, also where Redis has forgotten it.</summary>
    /// <returns>False if a stream with a newer token has the call.</returns>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public Task<bool> RenewAsync(StreamGrant grant, CancellationToken cancellationToken) => TakeAsync(grant, grant.Sequence + 1, cancellationToken);

    private async Task<bool> TakeAsync(StreamGrant grant, int refusedBy, CancellationToken cancellationToken) =>
        (bool)await redis.GetDatabase()
            .ScriptEvaluateAsync(
                TakeScript,
                [Prefix.Append(grant.CallSid)],
                [grant.Sequence, refusedBy, (int)Lifetime.TotalSeconds],
                CommandFlags.DemandMaster | CommandFlags.NoScriptCache)
            .WithinPatience(time, cancellationToken);
}
