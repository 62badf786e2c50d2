using System.Security.Cryptography;

namespace VoiceAssistant.Local.Phone;

/// <summary>One phone call, placed the way Twilio places it; run once.</summary>
internal sealed class PhoneCall(PhoneLine line, ICaller caller, HttpClient http, TimeProvider time)
{
    public string CallSid { get; } = "CA" + RandomNumberGenerator.GetHexString(32, lowercase: true);

    public CallTimes Times { get; } = new();

    /// <summary>Dials, and returns when the call has ended. Cancellation is the caller hanging up; it never throws for what a server does.</summary>
    public async Task<CallEnd> RunAsync(CancellationToken cancellationToken)
    {
        _ = (line, http, time);
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        caller.Notice(new(PhoneEventKind.Ended, "not yet"));
        return new(CallEndKind.Refused, "not yet");
    }

    public void HangUp() => throw new NotImplementedException(CallSid);

    /// <summary>Presses a key: 0 to 9, * or #.</summary>
    public void Press(char digit) => throw new NotImplementedException(CallSid + digit);
}
