using System.Text;

namespace VoiceAssistant.Tests.Fakes;

using Fields = IReadOnlyList<KeyValuePair<string, string>>;

/// <summary>What Twilio posts about an inbound call in the USA, with what the Function adds.</summary>
internal static class CallForm
{
    public const string From = "+14155550100";
    public const string To = "+18005550199";

    /// <summary>When the Function signed it.</summary>
    public static readonly DateTimeOffset ForwardedAt = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static readonly Fields Inbound =
    [
        new("AccountSid", FakeTwilioStream.AccountSid),
        new("ApiVersion", "2010-04-01"),
        new("CallSid", FakeTwilioStream.CallSid),
        new("CallStatus", "ringing"),
        new("CallToken", $$"""{"parentCallInfoToken":"{{Jwt(240)}}","identityHeaderTokens":["{{Jwt(400)}};info=<https://cert.example/a.pem>"]}"""),
        new("Called", To),
        new("CalledCity", ""),
        new("CalledCountry", "US"),
        new("CalledState", ""),
        new("CalledZip", ""),
        new("Caller", From),
        new("CallerCity", "SAN FRANCISCO"),
        new("CallerCountry", "US"),
        new("CallerName", "José Ñandú & Söhne"),
        new("CallerState", "CA"),
        new("CallerZip", "94105"),
        new("Direction", "inbound"),
        new("From", From),
        new("FromCity", "SAN FRANCISCO"),
        new("FromCountry", "US"),
        new("FromState", "CA"),
        new("FromZip", "94105"),
        new("StirVerstat", "TN-Validation-Passed-A"),
        new("To", To),
        new("ToCity", ""),
        new("ToCountry", "US"),
        new("ToState", ""),
        new("ToZip", ""),
        new("VaForwardedAt", $"{ForwardedAt.ToUnixTimeSeconds()}"),
    ];

    public static Fields With(this Fields fields, string name, string value) =>
        [.. fields.Where(field => field.Key != name), new(name, value)];

    public static Fields Without(this Fields fields, string name) => [.. fields.Where(field => field.Key != name)];

    private static string Jwt(int length) =>
        "eyJ" + Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('?', length))).Replace('+', '-').Replace('/', '_');
}
