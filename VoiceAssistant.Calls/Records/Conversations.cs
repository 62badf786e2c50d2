using StackExchange.Redis;
using VoiceAssistant.Calls.Redis;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Calls.Records;

/// <summary>What was said in a live call: text under <c>va:said:{CallSid}</c>, for the next stream; gone with the call's end, or ten minutes later.</summary>
public sealed class Conversations(IConnectionMultiplexer redis, TimeProvider time)
{
    // Renewed with the lease.
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private static readonly RedisKey Prefix = "va:said:";

    private static readonly RedisScript SaveScript = new(typeof(Conversations), "save.lua");

    /// <summary>Keeps what was said up to now.</summary>
    /// <returns>False if the call is over, or another stream has it: nothing was kept.</returns>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public Task<bool> SaveAsync(StreamGrant grant, ReadOnlyMemory<byte> said, CancellationToken cancellationToken) =>
        SaveAsync(grant, said, isLast: false, cancellationToken);

    /// <summary>Keeps what was said, and that this stream is about to end where the call is not: Twilio will ask for the next one.</summary>
    /// <inheritdoc cref="SaveAsync(StreamGrant, ReadOnlyMemory{byte}, CancellationToken)"/>
    public Task<bool> HandOverAsync(StreamGrant grant, ReadOnlyMemory<byte> said, CancellationToken cancellationToken) =>
        SaveAsync(grant, said, isLast: true, cancellationToken);

    internal static RedisKey Key(string callSid) => Prefix.Append(callSid);

    private async Task<bool> SaveAsync(StreamGrant grant, ReadOnlyMemory<byte> said, bool isLast, CancellationToken cancellationToken) =>
        (bool)await SaveScript.EvaluateAsync(
                redis,
                [CallRecords.Key(grant.CallSid), Key(grant.CallSid)],
                grant.Sequence, said, (int)Lifetime.TotalSeconds, isLast)
            .WithinPatience(time, cancellationToken);
}
