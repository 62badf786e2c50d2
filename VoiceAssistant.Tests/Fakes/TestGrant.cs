using System.Security.Cryptography;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Tests.Fakes;

internal static class TestGrant
{
    /// <returns>For a call that nobody has heard of.</returns>
    public static StreamGrant New() => Of(NewCallSid());

    public static StreamGrant Of(string callSid) => new(callSid, FakeTwilioStream.AccountSid, CallForm.From, CallForm.To, "TN-Validation-Passed-A");

    public static string NewCallSid() => "CA" + RandomNumberGenerator.GetHexString(32, lowercase: true);
}
