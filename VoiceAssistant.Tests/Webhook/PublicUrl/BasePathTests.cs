using System.Net;
using System.Net.WebSockets;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Webhook.PublicUrl;

namespace VoiceAssistant.Tests.Webhook.PublicUrl;

/// <summary>A public address with a path, behind a proxy that strips it (the prefix is empty) or passes it on.</summary>
public sealed class BasePathTests : IAsyncLifetime
{
    private const string PublicUrl = "https://voice.example/voice/v1.0";
    private const string BasePath = "/voice/v1.0";

    private FakeRealtimeServer _model = null!;
    private BridgeHost _bridge = null!;
    private WebhookHost _webhook = null!;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeRealtimeServer.StartAsync();
        _bridge = await BridgeHost.StartAsync(_model.Url, settings: [new("PUBLIC_URL", PublicUrl + "/")]);
        _webhook = await WebhookHost.StartAsync(_bridge.RedisConnectionString, ("PUBLIC_URL", PublicUrl));
    }

    public async ValueTask DisposeAsync()
    {
        await _webhook.DisposeAsync();
        await _bridge.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData(BasePath)]
    public async Task Call_GoesThrough_WithThePathAndWithoutIt(string prefix)
    {
        var call = TwilioRequest.NewCall() with { SignedUrl = PublicUrl + "/incoming-call" };
        using var response = await _webhook.SendAsync(call with { Path = prefix + call.Path });
        var twiml = await TestTwiml.ReadAsync(response);
        Assert.Contains($"action=\"{PublicUrl}/stream-ended/1\"", twiml, StringComparison.Ordinal);
        Assert.Contains($"statusCallback=\"{PublicUrl}/stream-status/1\"", twiml, StringComparison.Ordinal);
        Assert.Contains("<Stream url=\"wss://voice.example/voice/v1.0/media-stream\"", twiml, StringComparison.Ordinal);

        var signature = TwilioSignature.Compute(WebhookHost.AuthToken, "wss://voice.example/voice/v1.0/media-stream", []);
        await using (var stream = await FakeTwilioStream.ConnectAsync(StreamUrl(prefix), (TwilioSignature.HeaderName, signature)))
        {
            await stream.StartAsync(TestTwiml.Token(twiml), call.Fields.Single(field => field.Key == "CallSid").Value);
            await _model.AcceptConfiguredAsync();
            await stream.StopAsync();
        }

        foreach (var path in (string[])["/stream-status/1", "/stream-ended/1", "/stream-ended/1/rescue"])
        {
            using var later = await _webhook.SendAsync(new TwilioRequest(prefix + path, call.Fields) { SignedUrl = PublicUrl + path });
            Assert.True(later.IsSuccessStatusCode, $"{path}: {later.StatusCode}");
        }
    }

    [Theory]
    [InlineData("", "https://voice.example/incoming-call")]
    [InlineData(BasePath, "https://voice.example/incoming-call")]
    [InlineData("", PublicUrl + BasePath + "/incoming-call")]
    [InlineData(BasePath, "https://voice.example/Voice/v1.0/incoming-call")]
    [Trait("Proves", "T-W7")]
    public async Task Request_IsRefused_ThatIsSignedForAnotherPath(string prefix, string signedUrl)
    {
        using var response = await _webhook.SendAsync(TwilioRequest.NewCall() with { Path = prefix + "/incoming-call", SignedUrl = signedUrl });

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("/other/incoming-call")]
    [InlineData(BasePath)]
    [InlineData(BasePath + "/")]
    [InlineData(BasePath + "/incoming-call/")]
    [InlineData(BasePath + "x/incoming-call")]
    [InlineData(BasePath + BasePath + "/incoming-call")]
    [Trait("Proves", "T-W8"), Trait("Proves", "T-S4")]
    public async Task OtherPaths_AreNone(string path)
    {
        using var response = await _webhook.SendAsync(TwilioRequest.NewCall() with { Path = path, SignedUrl = PublicUrl + "/incoming-call" });

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    // The bridge has a host of its own, with the same path.
    [Fact, Trait("Proves", "T-W8")]
    public async Task OtherPaths_AreNone_WhereThereAreTwoHosts()
    {
        await using var webhook = await WebhookHost.StartAsync(
            _bridge.RedisConnectionString, ("PUBLIC_URL", PublicUrl), ("STREAM_URL", $"wss://bridge.example{BasePath}/media-stream"));
        var call = TwilioRequest.NewCall() with { SignedUrl = PublicUrl + "/incoming-call" };

        using var once = await webhook.SendAsync(call with { Path = BasePath + "/incoming-call" });
        using var twice = await webhook.SendAsync(call with { Path = BasePath + BasePath + "/incoming-call" });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (once.StatusCode, twice.StatusCode));
    }

    [Theory]
    [InlineData("", "wss://voice.example/media-stream")]
    [InlineData(BasePath, "wss://voice.example/media-stream")]
    [InlineData("/other", "wss://voice.example/voice/v1.0/media-stream")]
    public async Task Stream_IsRefused_AtAnotherPath(string prefix, string signedUrl) => await Assert.ThrowsAsync<WebSocketException>(() =>
        FakeTwilioStream.ConnectAsync(StreamUrl(prefix), (TwilioSignature.HeaderName, TwilioSignature.Compute(WebhookHost.AuthToken, signedUrl, []))));

    [Theory]
    [InlineData("/health", true)]
    [InlineData(BasePath + "/health", true)]
    [InlineData("/alive", false)]
    [InlineData(BasePath + "/alive", false)]
    public async Task Health_IsAtTheRootToo_AndProvesItself(string path, bool hasProof)
    {
        var nonce = PublicUrlProof.CreateNonce();
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { PublicUrlProof.NonceName, nonce } } };

        using var response = await _webhook.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, "Healthy"), (response.StatusCode, await response.Content.ReadAsStringAsync(TestTimeout.Token)));
        Assert.Equal(hasProof, response.Headers.TryGetValues(PublicUrlProof.HeaderName, out var proofs) && PublicUrlProof.IsValid([WebhookHost.AuthToken], nonce, proofs.Single()));
    }

    [Theory]
    [InlineData(BasePath, null)]
    [InlineData("/other", "the answer there is 404, and not this system's")]
    [Trait("Proves", "R18")]
    public async Task Probe_AsksBelowThePath(string path, string? fault)
    {
        var address = _webhook.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path;
        await using var asking = await WebhookHost.StartAsync(_bridge.RedisConnectionString, ("PUBLIC_URL", address));

        Assert.Equal(fault, await asking.Service<PublicUrlProbe>().FindFaultAsync(TestTimeout.Token));
    }

    [Fact]
    public async Task BridgesOwnAddress_MayHaveAPath()
    {
        await using var bridge = await BridgeHost.StartAsync(
            _model.Url, settings: [new("PUBLIC_URL", PublicUrl), new("STREAM_URL", "wss://bridge.example/streams/media-stream")]);
        var signature = TwilioSignature.Compute(WebhookHost.AuthToken, "wss://bridge.example/streams/media-stream", []);

        foreach (var prefix in (string[])["", "/streams"])
        {
            await using var stream = await FakeTwilioStream.ConnectAsync(
                bridge.Url.Replace("/media-stream", prefix + "/media-stream", StringComparison.Ordinal), (TwilioSignature.HeaderName, signature));
        }
    }

    // The phone, the webhook, the bridge and the offline assistant, all over the wire.
    [Fact]
    public async Task Phone_CallsBelowThePath()
    {
        var port = LoopbackPort.Free();
        await using var host = await LocalHost.StartAsync(("PORT", $"{port}"), ("PUBLIC_URL", $"http://localhost:{port}/voice"));
        Assert.Equal($"http://localhost:{port}/voice/incoming-call", host.Line.WebhookUrl);
        await host.AssertCallerIsGreetedAsync();
    }

    private string StreamUrl(string prefix) => _bridge.Url.Replace("/media-stream", prefix + "/media-stream", StringComparison.Ordinal);
}
