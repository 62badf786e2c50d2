using VoiceAssistant.Calls;

namespace VoiceAssistant.Tests.Calls;

public sealed class TwilioOptionsTests
{
    private const string AuthToken = "0123456789abcdef0123456789abcdef";

    private static readonly TwilioOptions Right = new() { AuthToken = AuthToken, PublicUrl = "https://voice.example" };

    [Theory]
    [InlineData("https://voice.example")]
    [InlineData("https://voice.example/")]
    [InlineData("https://Voice.Example")]
    [InlineData("https://voice.example:443")]
    [InlineData("https://voice.example:8443")]
    [InlineData("https://münchen.example")]
    [InlineData("https://random-words.trycloudflare.com")]
    [InlineData("https://192.0.2.1")]
    [InlineData("https://[2001:db8::1]:8443")]
    [InlineData("http://localhost:5050")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://[::1]:5050")]
    [InlineData("https://voice.example/voice")]
    [InlineData("https://voice.example/voice/")]
    [InlineData("https://Voice.example:8443/Voice/v1.0/a_b~c-d")]
    [InlineData("https://voice.example/incoming-calls")]
    [InlineData("http://localhost:5050/voice")]
    public void PublicUrl_IsTaken(string url) => Assert.Empty(Faults(Right with { PublicUrl = url }));

    [Theory]
    [InlineData("voice.example", "no web address")]
    [InlineData("voice.example:443", "no web address")]
    [InlineData("wss://voice.example", "no web address")]
    [InlineData("file:///etc", "no web address")]
    [InlineData("https://", "no web address")]
    [InlineData("https://voice example", "no web address")]
    [InlineData("https://voice.example:99999", "no web address")]
    [InlineData("http://voice.example", "not encrypted")]
    [InlineData("http://192.0.2.1:5050", "not encrypted")]
    [InlineData("http://localhost.voice.example", "not encrypted")]
    [InlineData("https://voice.example/incoming-call", "not just")]
    [InlineData("https://voice.example/voice/incoming-call/", "not just")]
    [InlineData("https://voice.example/media-stream", "not just")]
    [InlineData("https://voice.example/a//b", "not just")]
    [InlineData("https://voice.example/a/../b", "not just")]
    [InlineData("https://voice.example/voice/.hidden", "not just")]
    [InlineData("https://voice.example/a%20b", "not just")]
    [InlineData("https://voice.example/a b", "not just")]
    [InlineData("https://voice.example/a;b", "not just")]
    [InlineData("https://voice.example/a:b", "not just")]
    [InlineData("https://voice.example/\u00FC", "not just")]
    [InlineData("https://voice.example/voice?a=b", "not just")]
    [InlineData("https://voice.example/voice#a", "not just")]
    [InlineData("http://voice.example/voice", "not encrypted")]
    [InlineData("https://voice.example?a=b", "not just")]
    [InlineData("https://voice.example?", "not just")]
    [InlineData("https://voice.example#", "not just")]
    [InlineData("https://voice.example/.", "not just")]
    [InlineData("https://voice.example/%2e", "not just")]
    [InlineData("https://voice.example/#rc=2", "not just")]
    [InlineData("https://voice.example:", "not just")]
    [InlineData("https://voice.example:0443", "not just")]
    [InlineData(" https://voice.example", "not just")]
    [InlineData("https://voice.example ", "not just")]
    [InlineData("https://voice.example\n", "not just")]
    [InlineData("HTTPS://voice.example", "not just")]
    public void PublicUrl_IsNamedWithItsFault(string url, string fault)
    {
        var text = Assert.Single(Faults(Right with { PublicUrl = url }));

        Assert.StartsWith($"PUBLIC_URL is '{url.TrimEnd('/')}', which", text, StringComparison.Ordinal);
        Assert.Contains(fault, text, StringComparison.Ordinal);
        Assert.Contains("expected https://host", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://user:secret@voice.example")]
    [InlineData("https://secret@voice.example")]
    [InlineData("https://@voice.example")]
    [InlineData("https://user:secret@voice example")]
    [InlineData("ftp://user:secret@voice.example")]
    public void PublicUrl_IsNotShown_WhereItHoldsAPassword(string url)
    {
        var text = Assert.Single(Faults(Right with { PublicUrl = url }));

        Assert.StartsWith("PUBLIC_URL holds a user name or password; expected", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://voice.example", "wss://voice.example/media-stream")]
    [InlineData("https://voice.example:8443/", "wss://voice.example:8443/media-stream")]
    [InlineData("http://localhost:5050", "ws://localhost:5050/media-stream")]
    [InlineData("https://voice.example/voice/", "wss://voice.example/voice/media-stream")]
    public void StreamUrl_IsThePublicUrl_WithAWebSocketsScheme(string url, string expected) =>
        Assert.Equal(expected, (Right with { PublicUrl = url }).StreamUrl);

    [Theory]
    [InlineData("wss://bridge.example/media-stream")]
    [InlineData("wss://bridge.example:8443/media-stream")]
    [InlineData("ws://localhost:5060/media-stream")]
    [InlineData("wss://bridge.example/streams/media-stream")]
    public void StreamUrl_IsTheBridges_WhereItHasAHostOfItsOwn(string url)
    {
        var options = Right with { BridgeStreamUrl = url };

        Assert.Empty(Faults(options));
        Assert.Equal(url, options.StreamUrl);
    }

    [Theory]
    [InlineData("https://bridge.example/media-stream")]
    [InlineData("ws://bridge.example/media-stream")]
    [InlineData("wss://bridge.example")]
    [InlineData("wss://bridge.example/media-stream/")]
    [InlineData("wss://bridge.example//media-stream")]
    [InlineData("wss://bridge.example/../media-stream")]
    [InlineData("wss://bridge.example/media-stream/media-stream")]
    [InlineData("wss://bridge.examplemedia-stream")]
    [InlineData("wss://bridge.example/media-stream?a=b")]
    [InlineData("wss://Bridge.example/./media-stream")]
    [InlineData("bridge.example")]
    [InlineData(" ")]
    public void StreamUrl_IsNamedWithItsFault(string url) => Assert.Equal(
        [$"STREAM_URL is '{url}'; expected wss://host/media-stream, with a path before it or not, or nothing where PUBLIC_URL leads to the bridge too."],
        Faults(Right with { BridgeStreamUrl = url }));

    [Fact]
    public void StreamUrl_IsNotShown_WhereItHoldsAPassword() => Assert.StartsWith(
        "STREAM_URL holds a user name or password; expected",
        Assert.Single(Faults(Right with { BridgeStreamUrl = "wss://user:secret@bridge.example/media-stream" })),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(",")]
    [InlineData(" , ,")]
    public void AuthToken_IsRequired(string authToken) => Assert.Equal(
        ["TWILIO_AUTH_TOKEN is missing; expected the auth token from the Twilio console (a comma-separated list during a rotation)."],
        Faults(Right with { AuthToken = authToken }));

    [Fact]
    public void AuthTokens_AreSeparatedByCommas() => Assert.Equal(["a", "b", "c"], (Right with { AuthToken = "a, b,,\tc " }).AuthTokens);

    [Theory]
    [InlineData("")]
    [InlineData("AC0123456789abcdef0123456789abcdef")]
    public void AccountSid_IsTaken(string accountSid) => Assert.Empty(Faults(Right with { AccountSid = accountSid }));

    [Theory]
    [InlineData("AC0123")]
    [InlineData("AC0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("SK0123456789abcdef0123456789abcdef")]
    [InlineData("AC0123456789abcdef0123456789abcdef\n")]
    [InlineData(" ")]
    public void AccountSid_IsNamedWithItsValue(string accountSid) => Assert.Equal(
        [$"TWILIO_ACCOUNT_SID is '{accountSid}'; expected AC and 32 hexadecimal digits, or nothing to take any account."],
        Faults(Right with { AccountSid = accountSid }));

    [Fact]
    public void AccountSid_IsNotShown_WhereItIsTheAuthToken() => Assert.Equal(
        ["TWILIO_ACCOUNT_SID looks like an auth token; expected AC and 32 hexadecimal digits, or nothing to take any account."],
        Faults(Right with { AccountSid = AuthToken }));

    [Fact]
    public void Faults_AreReportedTogether() =>
        Assert.Equal(["TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID", "PUBLIC_URL"], Faults(new() { AccountSid = "x" }).Select(fault => fault.Split(' ')[0]));

    [Fact]
    public void Text_ShowsNoSecret() => Assert.Equal("TwilioOptions", $"{Right}");

    private static IEnumerable<string> Faults(TwilioOptions options) => new TwilioOptionsValidator().Validate(null, options).Failures ?? [];
}
