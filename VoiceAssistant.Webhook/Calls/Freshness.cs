using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Refuses a signed request that was captured and comes again later: nothing in Twilio's own signature says how old it is.</summary>
internal sealed partial class Freshness(
    IOptions<IncomingCallOptions> options, IOptions<TwilioOptions> twilio, TimeProvider time, ILogger<Freshness> logger)
{
    // For the Function's patience with us and for two clocks that are set by the network.
    private const int ToleranceSeconds = 60;

    private readonly bool _required = options.Value.RequireForwardedAt ?? !twilio.Value.IsLocal;

    public bool IsFresh(IncomingCall call)
    {
        if (call.ForwardedAt is not { } forwardedAt)
        {
            if (_required)
            {
                LogUndated(call.CallSid);
            }

            return !_required;
        }

        var now = time.GetUtcNow();
        var age = now.ToUnixTimeSeconds() - forwardedAt;
        if (Math.Abs(age) > ToleranceSeconds)
        {
            LogStale(call.CallSid, age, now);
            return false;
        }

        return true;
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Call {CallSid} was refused: its request has no VaForwardedAt, which the Function adds. Where Twilio asks without the Function (the number points "
        + "straight at /incoming-call, or the Function answers with <Redirect>), set REQUIRE_FORWARDED_AT=false.",
        EventName = "Undated")]
    private partial void LogUndated(string callSid);

    [LoggerMessage(2, LogLevel.Warning,
        "Call {CallSid} was refused: its request was signed {Age} s ago by the Function's clock, and at most 60 are allowed either way. Where it is no replay, "
        + "the clock of this machine is wrong: it says {Now:u}.",
        EventName = "Stale")]
    private partial void LogStale(string callSid, long age, DateTimeOffset now);
}
