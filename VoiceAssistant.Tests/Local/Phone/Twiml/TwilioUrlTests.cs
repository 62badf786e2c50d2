using VoiceAssistant.Local.Phone.Twiml;

namespace VoiceAssistant.Tests.Local.Phone.Twiml;

public class TwilioUrlTests
{
    // https://www.twilio.com/docs/usage/security: userinfo is dropped, over https the port too; nothing else is changed.
    [Theory]
    [InlineData("https://host.example/incoming-call", "https://host.example/incoming-call")]
    [InlineData("https://host.example:8443/a?b=c", "https://host.example/a?b=c")]
    [InlineData("https://user:pass@host.example:443/a", "https://host.example/a")]
    [InlineData("http://user@localhost:5050/a", "http://localhost:5050/a")]
    [InlineData("http://[::1]:5050/a:1", "http://[::1]:5050/a:1")]
    [InlineData("https://[::1]:5050/a:1@b", "https://[::1]/a:1@b")]
    [InlineData("https://Host.Example/%41%2f'?q=:8080#rc=2", "https://Host.Example/%41%2f'?q=:8080")]
    [InlineData("wss://host.example:8443/media", "wss://host.example:8443/media")]
    [InlineData("ws://127.0.0.1:5050/media", "ws://127.0.0.1:5050/media")]
    public void Url_IsSigned_AsTwilioSignsIt(string url, string expected) => Assert.Equal(expected, TwilioUrl.Signed(new(url)));
}
