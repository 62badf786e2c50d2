using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Refuses a signed request that was captured and comes again later: nothing in Twilio's own signature says how old it is.</summary>
internal sealed partial class Freshness(
    IOptions<IncomingCallOptions> options, IOptions<TwilioOptions> twilio, TimeProvider time, ILogger<Freshness> logger)
{
    // For the Function's patience with us and for two clocks that are set by the network.
    private const int ToleranceSeconds = 60;

    private const string Undated =
        "Its request has no VaForwardedAt, which the Function adds. Where Twilio asks without the Function (the number points "
        + "straight at /incoming-call, or the Function answers with <Redirect>), set REQUIRE_FORWARDED_AT=false.";

    private readonly bool _required = options.Value.RequireForwardedAt ?? !twilio.Value.IsLocal;

    /// <returns>Null where it is fresh.</returns>
    public Refusal? Check(IncomingCall call)
    {
        if (call.ForwardedAt is not { } forwardedAt)
        {
            if (!_required)
            {
                return null;
            }

            LogUndated(call.CallSid);
            return new(StatusCodes.Status403Forbidden, Undated);
        }

        var now = time.GetUtcNow();
        var age = now.ToUnixTimeSeconds() - forwardedAt;
        if (Math.Abs(age) > ToleranceSeconds)
        {
            LogStale(call.CallSid, age, now);
            return new(StatusCodes.Status403Forbidden, $"Its VaForwardedAt is more than {ToleranceSeconds} s from the time of this machine, which is {now:u}.");
        }

        return null;
    }

    [LoggerMessage(1, LogLevel.Warning, "Call {CallSid} was refused. " + Undated, EventName = "Undated")]
    private partial void LogUndated(string callSid);

    [LoggerMessage(2, LogLevel.Warning,
        "Call {CallSid} was refused: its request was signed {Age} s ago by the Function's clock, and at most 60 are allowed either way. Where it is no replay, "
        + "the clock of this machine is wrong: it says {Now:u}.",
        EventName = "Stale")]
    private partial void LogStale(string callSid, long age, DateTimeOffset now);
}
