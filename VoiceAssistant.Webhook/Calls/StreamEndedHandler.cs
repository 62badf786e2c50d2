using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Answers what becomes of a call whose stream has ended: it goes on in another one, or it is over.</summary>
/// <remarks>
/// Each stream has an action URL of its own, /stream-ended/ and its token's sequence: Twilio's signature covers it, so nobody but Twilio can say that the
/// stream that a call has now is over, whatever they have captured of the streams before.
/// </remarks>
internal sealed partial class StreamEndedHandler(
    CallContinuations continuations,
    CallEnds ends,
    RecordMetrics metrics,
    StreamDocument document,
    IOptions<TwilioOptions> twilio,
    ILogger<StreamEndedHandler> logger)
{
    private const string Replay = "The call has gone on since, so it is a replay.";

    private static readonly HashSet<string> Over = ["completed", "busy", "failed", "no-answer", "canceled"];

    private readonly string _accountSid = twilio.Value.AccountSid;

    public async Task<Results<ContentHttpResult, Refusal>> AnswerAsync(TwilioForm form, int sequence, bool isRescue, CancellationToken cancellationToken)
    {
        if (IncomingCall.Read(form, _accountSid, out var fault) is not { } call)
        {
            LogNotACall(fault);
            return new Refusal(StatusCodes.Status403Forbidden, $"The request is about no inbound call of ours: {fault}.");
        }

        if (form.Single("CallStatus") is { } status && Over.Contains(status))
        {
            await ends.EndKnownAsync(call.CallSid, CallEndReason.CallerLeft);
            return TwiML.Nothing();
        }

        try
        {
            var grant = new StreamGrant(call.CallSid, call.AccountSid, call.From, call.To, Verstat: null) { Sequence = sequence };
            return await AnswerAsync(call.CallSid, sequence, await continuations.ContinueAsync(grant, isRescue, cancellationToken));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogRedisFailed(call.CallSid, exception.Message);
            await ends.EndAsync(call.CallSid, sequence, CallEndReason.NotResumed);
            // What timed out may have run, and have issued a token that nobody gets.
            ends.EndUnlessBegun(call.CallSid, sequence + 1);
            return TwiML.Unavailable();
        }
        catch (OperationCanceledException)
        {
            // Twilio does not wait, as the caller has hung up; as above.
            ends.EndUnlessBegun(call.CallSid, sequence + 1);
            throw;
        }
    }

    private async Task<Results<ContentHttpResult, Refusal>> AnswerAsync(string callSid, int sequence, Continuation next)
    {
        switch (next.Verdict)
        {
            case ContinuationVerdict.Issued:
                LogGoesOn(callSid, next.Token!.Sequence);
                ends.EndUnlessBegun(callSid, next.Token.Sequence);
                return document.Connect(next.Token, isLater: next.WasRefused);

            case ContinuationVerdict.Awaited:
                return document.AwaitRescue(sequence);

            case ContinuationVerdict.Exhausted:
                LogExhausted(callSid);
                metrics.Resumed("refused");
                await ends.EndAsync(callSid, CallEnds.AnyStream, CallEndReason.NotResumed);
                return TwiML.Unavailable();

            case ContinuationVerdict.Stale:
                LogStale(callSid);
                return new Refusal(StatusCodes.Status403Forbidden, Replay);

            case ContinuationVerdict.Unknown:
                LogUnknown(callSid);
                await ends.EndAsync(callSid, sequence, CallEndReason.NotResumed);
                return TwiML.Goodbye();

            default:
                return TwiML.HangUp();
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Call {CallSid} goes on in another stream, its {Sequence}.", EventName = "GoesOn")]
    private partial void LogGoesOn(string callSid, int sequence);

    [LoggerMessage(2, LogLevel.Warning, "Call {CallSid} has lost its stream too often, or for too long, and ends with an apology.", EventName = "Exhausted")]
    private partial void LogExhausted(string callSid);

    [LoggerMessage(3, LogLevel.Warning, "A request about a stream of call {CallSid} was refused. " + Replay, EventName = "StaleStream")]
    private partial void LogStale(string callSid);

    [LoggerMessage(4, LogLevel.Warning, "Call {CallSid} ends with an apology: Redis (ConnectionStrings:redis) does not do its part: {Fault}", EventName = "NotContinued")]
    private partial void LogRedisFailed(string callSid, string fault);

    [LoggerMessage(5, LogLevel.Warning, "A signed request was refused, as it is about no inbound call of ours: {Fault}.", EventName = "NotAStreamOfACall")]
    private partial void LogNotACall(string fault);

    [LoggerMessage(6, LogLevel.Warning, "Call {CallSid} ends with a goodbye: Redis (ConnectionStrings:redis) has no record of it.", EventName = "Forgotten")]
    private partial void LogUnknown(string callSid);
}
