using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Budgets;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Answers an authentic request about a new call: with a media stream and the token that admits it.</summary>
internal sealed partial class IncomingCallHandler(
    CallRecords records,
    CallEnds ends,
    CallBudgets budgets,
    BridgeRoom room,
    Freshness freshness,
    StreamDocument document,
    IOptions<IncomingCallOptions> options,
    IOptions<TwilioOptions> twilio,
    ILogger<IncomingCallHandler> logger)
{
    private const string Replay = "The call has had its stream, or both tokens that a call gets: it is a replay.";

    private readonly HashSet<string> _allowed = [.. options.Value.AllowedParties.Select(party => party!.Text)];
    private readonly string _accountSid = twilio.Value.AccountSid;

    public async Task<Results<ContentHttpResult, Refusal>> AnswerAsync(TwilioForm form, CancellationToken cancellationToken)
    {
        if (IncomingCall.Read(form, _accountSid, out var fault) is not { } call)
        {
            LogNotACall(fault);
            return new Refusal(StatusCodes.Status403Forbidden, $"The request is no inbound call of ours: {fault}.");
        }

        if (freshness.Check(call) is { } stale)
        {
            return stale;
        }

        if (_allowed.Count > 0 && !_allowed.Contains(call.From))
        {
            LogNotAllowed(call.CallSid);
            return TwiML.Reject();
        }

        if (call.IsSpoofed)
        {
            LogSpoofed(call.CallSid);
            return TwiML.Unverified();
        }

        if (!await room.IsLeftAsync(cancellationToken))
        {
            LogFull(call.CallSid);
            return TwiML.AllLinesBusy();
        }

        try
        {
            var grant = new StreamGrant(call.CallSid, call.AccountSid, call.From, call.To, call.Verstat);
            if (await records.IssueTokenAsync(grant, cancellationToken) is not { } token)
            {
                LogReplayed(call.CallSid);
                return new Refusal(StatusCodes.Status403Forbidden, Replay);
            }

            // Behind the record, so that a replay takes nobody's place. A token that nobody gets is gone within a minute.
            if (await budgets.ReserveAsync(grant, cancellationToken) is not BudgetVerdict.Granted and var verdict)
            {
                LogOverBudget(call.CallSid, BudgetOptions.NameOf(verdict));
                return TwiML.OverBudget(verdict);
            }

            LogAnswered(call.CallSid);
            ends.EndUnlessBegun(call.CallSid, token.Sequence);
            return document.Connect(token);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Without a token that can be checked there is no stream: the caller hears why, and nobody gets in.
            LogRedisFailed(call.CallSid, exception.Message);
            return TwiML.Unavailable();
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Call {CallSid} is answered with a media stream.", EventName = "Answered")]
    private partial void LogAnswered(string callSid);

    [LoggerMessage(2, LogLevel.Warning, "A signed request was refused, as it is no inbound call of ours: {Fault}.", EventName = "NotACall")]
    private partial void LogNotACall(string fault);

    [LoggerMessage(3, LogLevel.Warning, "Call {CallSid} is turned away with an apology: Redis (ConnectionStrings:redis) does not do its part: {Fault}", EventName = "RedisFailed")]
    private partial void LogRedisFailed(string callSid, string fault);

    [LoggerMessage(4, LogLevel.Information, "Call {CallSid} is rejected: its caller is not in ALLOWED_NUMBERS.", EventName = "NotAllowed")]
    private partial void LogNotAllowed(string callSid);

    [LoggerMessage(5, LogLevel.Information, "Call {CallSid} is turned away: the carriers say that the number is not the caller's (StirVerstat).", EventName = "Spoofed")]
    private partial void LogSpoofed(string callSid);

    [LoggerMessage(6, LogLevel.Warning, "A request for call {CallSid} was refused. " + Replay, EventName = "Replayed")]
    private partial void LogReplayed(string callSid);

    [LoggerMessage(7, LogLevel.Warning, "Call {CallSid} is turned away with a sentence: {Setting} is reached.", EventName = "OverBudget")]
    private partial void LogOverBudget(string callSid, string setting);

    [LoggerMessage(8, LogLevel.Warning, "Call {CallSid} is turned away with a sentence: the bridge has no room (MAX_CALLS), or is draining.", EventName = "Full")]
    private partial void LogFull(string callSid);
}
