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

    // Longer than a call may be without a stream.
    private static readonly TimeSpan Silence = 3 * Lifetime;

    private static readonly RedisKey Prefix = "va:live:";

    private static readonly RedisScript BeginScript = new(typeof(CallLeases), "begin.lua");
    private static readonly RedisScript RenewScript = new(typeof(CallLeases), "renew.lua");

    /// <summary>Gives the call to the stream that has shown this token.</summary>
    /// <returns>Null if the call is over, or there is or just was a stream with this token, or with a newer one of the call.</returns>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public async Task<CallLease?> TakeAsync(StreamGrant grant, CancellationToken cancellationToken)
    {
        var begun = await BeginScript.EvaluateAsync(
                redis,
                [Key(grant.CallSid), CallRecords.Key(grant.CallSid), Conversations.Key(grant.CallSid), AwaitedStreams.Key],
                grant.Sequence, (int)Lifetime.TotalSeconds, (int)CallRecords.Lifetime.TotalSeconds,
                AwaitedStreams.Renewal(grant.CallSid), (long)Silence.TotalMilliseconds)
            .WithinPatience(time, cancellationToken);

        return begun.IsNull ? null : new CallLease(
            IsContinuation: (string?)begun[0] is "1",
            Age: TimeSpan.FromMilliseconds((long)begun[1]),
            Gap: TimeSpan.FromMilliseconds((long)begun[2]),
            WasCutOff: (string?)begun[3] is "1",
            Said: (string?)begun[4] is { Length: > 0 } said ? said : null,
            Resumes: (int)begun[5],
            Gaps: TimeSpan.FromMilliseconds((long)begun[6]));
    }

    /// <summary>Keeps the lease, also where Redis has forgotten it and the call.</summary>
    /// <param name="grant">Of the stream that has the call.</param>
    /// <param name="lease">As it stands now.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <returns>False if a stream with a newer token has the call.</returns>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public async Task<bool> RenewAsync(StreamGrant grant, CallLease lease, CancellationToken cancellationToken) =>
        (bool)await RenewScript.EvaluateAsync(
                redis,
                [Key(grant.CallSid), Conversations.Key(grant.CallSid), CallRecords.Key(grant.CallSid), AwaitedStreams.Key],
                grant.Sequence, (int)Lifetime.TotalSeconds, (int)Conversations.Lifetime.TotalSeconds, (int)CallRecords.Lifetime.TotalSeconds,
                (long)lease.Age.TotalMilliseconds, grant.AccountSid, lease.Resumes, (long)lease.Gaps.TotalMilliseconds,
                AwaitedStreams.Renewal(grant.CallSid), (long)Silence.TotalMilliseconds)
            .WithinPatience(time, cancellationToken);

    internal static RedisKey Key(string callSid) => Prefix.Append(callSid);
}
