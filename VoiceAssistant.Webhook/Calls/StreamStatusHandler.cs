using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Hears from Twilio how a stream is doing.</summary>
internal sealed partial class StreamStatusHandler(CallRescue rescue, IOptions<TwilioOptions> twilio, ILogger<StreamStatusHandler> logger)
{
    private readonly string _accountSid = twilio.Value.AccountSid;

    public IResult Hear(TwilioForm form, int sequence)
    {
        if (form.Single("CallSid") is not { } callSid || !CallSidForm().IsMatch(callSid)
            || form.Single("AccountSid") is not { } account || !AccountSidForm().IsMatch(account)
            || (_accountSid is not "" && account != _accountSid))
        {
            return new Refusal(StatusCodes.Status403Forbidden, "The form names no call and account, or its AccountSid is not TWILIO_ACCOUNT_SID.");
        }

        // Whatever else Twilio says about it: a stream that stopped is asked about, or its call is over.
        if (form.Single("StreamEvent") is "stream-error")
        {
            LogBroke(callSid);
            rescue.Begin(account, callSid, sequence);
        }

        return Results.NoContent();
    }

    [GeneratedRegex(@"^CA[0-9a-f]{32}\z")]
    private static partial Regex CallSidForm();

    [GeneratedRegex(@"^AC[0-9a-f]{32}\z")]
    private static partial Regex AccountSidForm();

    [LoggerMessage(1, LogLevel.Information, "Twilio says that the stream of call {CallSid} broke.", EventName = "StreamBroke")]
    private partial void LogBroke(string callSid);
}
