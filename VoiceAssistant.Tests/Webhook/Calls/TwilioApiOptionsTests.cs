using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Tests.Webhook.Calls;

public sealed class TwilioApiOptionsTests
{
    private const string Key = "SK0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("", "", "")]
    [InlineData("https://api.twilio.com", "", "")]
    [InlineData("https://api.dublin.ie1.twilio.com/", Key, "secret")]
    [InlineData("http://127.0.0.1:8080", Key, "secret")]
    public void Settings_AreTaken(string url, string sid, string secret) => Assert.Null(Faults(url, sid, secret));

    [Theory]
    [InlineData("http://api.twilio.com", "", "", "TWILIO_API_URL is 'http://api.twilio.com'; expected https://host")]
    [InlineData("https://api.twilio.com/2010-04-01", "", "", "TWILIO_API_URL is 'https://api.twilio.com/2010-04-01'; expected https://host")]
    [InlineData("api.twilio.com", "", "", "TWILIO_API_URL is 'api.twilio.com'; expected https://host")]
    [InlineData("https://AC1:secret@api.twilio.com", "", "", "TWILIO_API_URL holds a user name or password")]
    [InlineData("", Key, "", "TWILIO_API_KEY_SECRET is missing")]
    [InlineData("", "", "secret", "TWILIO_API_KEY_SID is missing")]
    [InlineData("", "the-secret", "secret", "TWILIO_API_KEY_SID is no API key's SID")]
    public void Fault_IsNamed_WithoutTheSecret(string url, string sid, string secret, string fault)
    {
        var faults = Faults(url, sid, secret)!;

        Assert.StartsWith(fault, Assert.Single(faults), StringComparison.Ordinal);
        Assert.DoesNotContain("the-secret", faults.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_DoNotPrintTheSecret() =>
        Assert.Equal(nameof(TwilioApiOptions), $"{new TwilioApiOptions { KeySid = Key, KeySecret = "secret" }}");

    private static IEnumerable<string>? Faults(string url, string sid, string secret) =>
        new TwilioApiOptionsValidator().Validate(null, new TwilioApiOptions { Url = url, KeySid = sid, KeySecret = secret }).Failures;
}
