using System.Diagnostics;
using System.Text.Json;
using StackExchange.Redis;
using VoiceAssistant.Calls.Redis;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Calls.Records;

/// <summary>What is remembered of a call for a day, so that a replayed request cannot have its stream.</summary>
/// <remarks>
/// The hash <c>va:call:{CallSid}</c>: <c>tokens</c> (the sequence of the last one, which is the generation of the stream), <c>token</c> (its key),
/// <c>account</c>, <c>verstat</c>, and what the scripts beside this file say of its state. No numbers: the bridge gets them with the token, which is
/// gone within a minute, and every later request of Twilio's brings them again, signed. It is only StirVerstat that comes once.
/// </remarks>
public sealed class CallRecords(IConnectionMultiplexer redis, TimeProvider time, TokenMetrics metrics)
{
    // The second is for an answer that was lost on its way: whoever asked asks again.
    private const int MaxTokens = 2;

    // Longer than any call lasts, and than a dated request is worth replaying; an undated one comes to life again (REQUIRE_FORWARDED_AT).
    internal static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    private static readonly RedisKey Prefix = "va:call:";

    // KEYS: the record, the new token, the one that it replaces. ARGV: the new token's sequence, grant and lifetime, then the record's lifetime and fields.
    // A token that cannot be deleted has been used, or has expired unused: either way the call had its chance, as has one that is over.
    private const string IssueScript =
        """
        local issued = tonumber(redis.call('HGET', KEYS[1], 'tokens') or '0')
        if redis.call('HGET', KEYS[1], 'state') == 'ended' then return false end
        if issued + 1 ~= tonumber(ARGV[1]) then return redis.call('HGET', KEYS[1], 'token') end
        if issued > 0 and redis.call('DEL', KEYS[3]) == 0 then return false end
        redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
        redis.call('HSET', KEYS[1], 'state', 'minted', 'tokens', ARGV[1], 'token', KEYS[2], 'account', ARGV[5], 'verstat', ARGV[6])
        redis.call('EXPIRE', KEYS[1], ARGV[4])
        return 1
        """;

    /// <summary>Issues the token that admits the call's stream, and revokes the one before it.</summary>
    /// <returns>Null if the call has had its stream, or as many tokens as a call may have.</returns>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public Task<IssuedToken?> IssueTokenAsync(StreamGrant grant, CancellationToken cancellationToken) =>
        IssueAsync(grant with { TraceParent = Activity.Current?.Id }).WithinPatience(time, cancellationToken);

    /// <summary>Goes the way of a token without issuing one.</summary>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    internal Task WarmUpAsync(CancellationToken cancellationToken) =>
        // No call's next token has the number 0.
        EvaluateAsync(new StreamGrant("", "", "", "", null), StreamToken.Create(), []).WithinPatience(time, cancellationToken);

    internal static RedisKey Key(string callSid) => Prefix.Append(callSid);

    private async Task<IssuedToken?> IssueAsync(StreamGrant grant)
    {
        var token = StreamToken.Create();
        RedisKey[] replaced = [];

        for (var sequence = 1; sequence <= MaxTokens; sequence++)
        {
            switch ((string?)await EvaluateAsync(grant with { Sequence = sequence }, token, replaced))
            {
                case null:
                    return null;
                case "1":
                    metrics.Minted();
                    return new IssuedToken(token, sequence);
                case var key:
                    // A script names its keys before it runs, so we come again with the one that it would have to delete.
                    replaced = [key];
                    break;
            }
        }

        return null;
    }

    private Task<RedisResult> EvaluateAsync(StreamGrant grant, string token, RedisKey[] replaced) =>
        redis.GetDatabase().ScriptEvaluateAsync(
            IssueScript,
            [Key(grant.CallSid), StreamToken.Key(token), .. replaced],
            [
                grant.Sequence, JsonSerializer.SerializeToUtf8Bytes(grant, StreamGrantJson.Default.StreamGrant), (int)StreamToken.Lifetime.TotalSeconds,
                (int)Lifetime.TotalSeconds, grant.AccountSid, grant.Verstat ?? "",
            ],
            // EVAL every time: a Redis that was restarted knows no script, and asking again would cost the caller's patience.
            CommandFlags.DemandMaster | CommandFlags.NoScriptCache);
}
