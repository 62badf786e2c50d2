using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using StackExchange.Redis;
using VoiceAssistant.Calls.Redis;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Calls.Records;

/// <summary>Lets a call go on that has lost its stream: with a token of the next sequence.</summary>
public sealed class CallContinuations(IConnectionMultiplexer redis, TimeProvider time, TokenMetrics metrics)
{
    private const int MaxResumes = 3;

    private static readonly TimeSpan MaxGap = TimeSpan.FromSeconds(60);

    // Each finds out what the next one must name; somebody else may do the same at the same time.
    private const int MaxTries = 4;

    private static readonly RedisScript Script = new(typeof(CallContinuations), "continue.lua");
    private static readonly RedisScript LostScript = new(typeof(CallContinuations), "lost.lua");

    /// <param name="grant">The call, as Twilio describes it: its sequence is that of the stream that has ended.</param>
    /// <param name="isRescue">Whether Twilio asks because it was told to, after <see cref="TryLoseAsync"/>.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public Task<Continuation> ContinueAsync(StreamGrant grant, bool isRescue, CancellationToken cancellationToken) =>
        ContinueAsync(grant with { TraceParent = Activity.Current?.Id }, grant.Sequence, isRescue).WithinPatience(time, cancellationToken);

    /// <summary>Notes that a stream broke.</summary>
    /// <returns>True for the first who says so, unless somebody has asked already how the call goes on after it, or the call is over.</returns>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public async Task<bool> TryLoseAsync(string callSid, int sequence, CancellationToken cancellationToken) =>
        (bool)await LostScript.EvaluateAsync(redis, [CallRecords.Key(callSid)], sequence, (int)CallRecords.Lifetime.TotalSeconds).WithinPatience(time, cancellationToken);

    private async Task<Continuation> ContinueAsync(StreamGrant grant, int ended, bool isRescue)
    {
        var token = StreamToken.Create();
        RedisKey[] replaced = [];

        for (var tries = 0; tries < MaxTries; tries++)
        {
            var answer = await Script.EvaluateAsync(
                redis,
                [CallRecords.Key(grant.CallSid), StreamToken.Key(token), .. replaced],
                ended, grant.Sequence, JsonSerializer.SerializeToUtf8Bytes(grant, StreamGrantJson.Default.StreamGrant), (int)StreamToken.Lifetime.TotalSeconds,
                MaxResumes, (long)MaxGap.TotalMilliseconds, isRescue);
            switch ((string)answer[0]!)
            {
                case "Retry":
                    // None where Redis had forgotten the call.
                    replaced = (string?)answer[2] is { Length: > 0 } former ? [former] : [];
                    grant = grant with
                    {
                        Sequence = int.Parse((string)answer[1]!, CultureInfo.InvariantCulture),
                        Verstat = (string?)answer[3] is { Length: > 0 } verstat ? verstat : null,
                    };
                    break;
                case "Issued":
                    metrics.Minted();
                    return new Continuation(ContinuationVerdict.Issued, new IssuedToken(token, grant.Sequence), WasRefused: (string?)answer[1] is "1");
                case var verdict:
                    return new Continuation(Enum.Parse<ContinuationVerdict>(verdict));
            }
        }

        return new Continuation(ContinuationVerdict.Stale);
    }
}
