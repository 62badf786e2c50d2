using System.Text;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>What Twilio posts about inbound calls.</summary>
internal static class FormSeeds
{
    public static readonly IReadOnlyList<string> Bodies =
    [
        Form(),
        Form(("StirVerstat", "TN-Validation-Passed-A"), ("VaForwardedAt", "1767323045"), ("CallerName", "José Ñandú & Söhne"), ("CallerCity", "SAN FRANCISCO")),
        Form(("ForwardedFrom", "+14155550111"), ("ParentCallSid", "CA00000000000000000000000000000001"), ("CallToken", "{\"a\":[\"eyJ.eyJ.x;info=<https://cert.example>\"]}")),
        // Whoever names themselves like a field.
        Form(("CallerName", "From+14155550199To+18005550199"), ("SpeechResult", "CallSidCA00000000000000000000000000000002Directioninbound")),
        // Callers that are no telephone.
        Form(("From", "client:alice"), ("Caller", "client:alice"), ("To", ""), ("Called", ""), ("ApplicationSid", "AP00000000000000000000000000000003"), ("DirX", "alicePhone")),
        Form(("From", "sip:bob@sip.example;user=phone"), ("Caller", "sip:bob@sip.example;user=phone"), ("To", "sip:voice@sip.example"), ("Called", "sip:voice@sip.example"),
            ("SipHeader_X-Name", "Fromsip:eve@sip.example"), ("SipCallId", "a1@192.0.2.1"), ("SipDomain", "sip.example")),
        Form(("From", "whatsapp:+14155550100"), ("Caller", "whatsapp:+14155550100"), ("To", "whatsapp:+18005550199"), ("Called", "whatsapp:+18005550199")),
        // Repeats, with the same value and with others, and names that differ in case.
        "b=2&a=1&a=1&B=3&a=0&CallSid=x&CALLSID=x&callsid=",
    ];

    private static string Form(params (string Name, string Value)[] more) => string.Join('&', new[]
    {
        ("CallSid", TwilioSeeds.Stream.CallSid), ("AccountSid", TwilioSeeds.Stream.AccountSid), ("From", "+14155550100"), ("To", "+18005550199"),
        ("Caller", "+14155550100"), ("Called", "+18005550199"), ("CallStatus", "ringing"), ("ApiVersion", "2010-04-01"), ("Direction", "inbound"),
        ("FromCity", "SAN FRANCISCO"), ("FromCountry", "US"), ("ToZip", ""), ("ToCountry", "US"),
    }.Where(field => !more.Any(other => other.Name == field.Item1)).Concat(more).Select(field => $"{Uri.EscapeDataString(field.Item1)}={Uri.EscapeDataString(field.Item2).Replace("%20", "+", StringComparison.Ordinal)}"));

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
