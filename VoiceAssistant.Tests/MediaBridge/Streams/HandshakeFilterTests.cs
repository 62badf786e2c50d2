using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

/// <summary>Whom the bridge shakes hands with, on a line open to the world.</summary>
[Trait("Proves", "T-M1")]
public sealed class HandshakeFilterTests : IAsyncLifetime
{
    private const string PublicUrl = "https://voice.example";
    private const string StreamUrl = "wss://voice.example/media-stream";

    private readonly FakeTimeProvider _time = new();
    private FakeRealtimeServer _model = null!;

    public async ValueTask InitializeAsync() => _model = await FakeRealtimeServer.StartAsync();

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    public static TheoryData<string, string[]> Forged { get; } = new()
    {
        { "none", [] },
        { "empty", [""] },
        { "no signature", ["yes"] },
        { "of another token", [TwilioSignature.Compute("54321", StreamUrl, [])] },
        { "of another host", [Sign("wss://evil.example/media-stream")] },
        { "of another path", [Sign(PublicUrl + "/incoming-call")] },
        { "with parameters", [TwilioSignature.Compute("12345", StreamUrl, [new("CallSid", "CA1")])] },
        { "two, one of them right", ["yes", Sign(StreamUrl)] },
        { "the right one twice", [Sign(StreamUrl), Sign(StreamUrl)] },
        { "the right one first", [Sign(StreamUrl), "yes"] },
        { "two in one", [$"{Sign(StreamUrl)}, {Sign(StreamUrl)}"] },
    };

    [Theory]
    [MemberData(nameof(Forged))]
    public async Task Stranger_GetsNoSocket_WithoutTwiliosSignature(string what, string[] signatures)
    {
        await using var bridge = await StartAsync();

        Assert.Equal((what, HttpStatusCode.Forbidden), (what, await HandshakeAsync(bridge, signatures)));

        Assert.True(_model.HasNoSession);
    }

    [Fact]
    public async Task Host_AndForwardedHeaders_ChangeNothing()
    {
        await using var bridge = await StartAsync();
        (string, string)[] claims = [("Host", "evil.example"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https")];

        await using var twilio = await FakeTwilioStream.ConnectAsync(bridge.Url, [Signed(StreamUrl), .. claims]);
        await AssertRefusedAsync(bridge, [Signed("wss://evil.example/media-stream"), .. claims]);
    }

    // THREATS asks for a 403 where https was signed; PROTOCOL B.6 and the issue count it among the forms that Twilio may use, and they win.
    [Fact]
    public async Task Twilio_GetsASocket_InWhateverFormItSigns()
    {
        await using var bridge = await StartAsync(("TWILIO_AUTH_TOKEN", "12345,67890"));

        foreach (var form in HandshakeSignatures.Forms(StreamUrl))
        {
            await using var stream = await FakeTwilioStream.ConnectAsync(bridge.Url, Signed(form));
            await using var rotated = await FakeTwilioStream.ConnectAsync(bridge.Url, Signed(form, "67890"));
        }
    }

    [Fact]
    public async Task Call_IsTaken_WithSignatureAndToken()
    {
        await using var bridge = await StartAsync();
        await using var caller = await FakeTwilioStream.ConnectAsync(bridge.Url, Signed(StreamUrl));

        await caller.StartAsync(await bridge.IssueTokenAsync());

        await _model.AcceptConfiguredAsync();
    }

    // The signature is always the same: whoever has seen one has it.
    [Fact]
    public async Task Signature_AloneAdmitsNobody()
    {
        await using var bridge = await StartAsync();
        await using var stranger = await FakeTwilioStream.ConnectAsync(bridge.Url, Signed(StreamUrl));

        await stranger.StartAsync(new string('A', 43));

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await stranger.ReceiveCloseAsync());
        Assert.True(_model.HasNoSession);
    }

    [Theory]
    [InlineData("http://localhost", "", true)]
    [InlineData("http://localhost", "Require", false)]
    [InlineData(PublicUrl, "", false)]
    [InlineData(PublicUrl, "require", false)]
    [InlineData(PublicUrl, "Log", true)]
    [InlineData(PublicUrl, "Off", true)]
    public async Task UnsignedStream_IsAccepted_AsTheSettingSays(string publicUrl, string check, bool isAccepted)
    {
        await using var bridge = await StartAsync(("PUBLIC_URL", publicUrl), ("HANDSHAKE_SIGNATURE", check));

        Assert.Equal(isAccepted ? HttpStatusCode.SwitchingProtocols : HttpStatusCode.Forbidden, await HandshakeAsync(bridge));
    }

    [Fact]
    public async Task Log_TellsWhichFormIsSigned_OnceAndWhenItChanges()
    {
        await using var bridge = await StartAsync();

        foreach (var form in (string[])[StreamUrl, StreamUrl, "https://voice.example/media-stream/", StreamUrl])
        {
            await HandshakeAsync(bridge, Sign(form));
        }

        Assert.Equal(
            [StreamUrl, "https://voice.example/media-stream/", StreamUrl],
            Lines(bridge, "[Matched]").Select(line => line.Split(" signed for ")[1].TrimEnd(' ', '.')));
    }

    [Theory]
    [InlineData("Require", "[HandshakeRefused]", "HANDSHAKE_SIGNATURE=Log")]
    [InlineData("Log", "[LetIn]", "set it to Require")]
    public async Task Log_TellsWhatToSet_OnceAMinuteAtMost(string check, string name, string advice)
    {
        await using var bridge = await StartAsync(("HANDSHAKE_SIGNATURE", check));
        await HandshakeAsync(bridge);
        await HandshakeAsync(bridge, "wrong");
        _time.Advance(TimeSpan.FromSeconds(59));
        await HandshakeAsync(bridge, "wrong", "wrong");
        Assert.Single(Lines(bridge, name));

        _time.Advance(TimeSpan.FromSeconds(1));
        await HandshakeAsync(bridge, "wrong");

        var lines = Lines(bridge, name).ToList();
        Assert.Equal(2, lines.Count);
        Assert.All(lines, line => Assert.Contains(advice, line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Contains(StreamUrl, line, StringComparison.Ordinal));
        Assert.Contains("has no X-Twilio-Signature", lines[0], StringComparison.Ordinal);
        Assert.Contains("(0 more since", lines[0], StringComparison.Ordinal);
        Assert.Contains("has a wrong X-Twilio-Signature", lines[1], StringComparison.Ordinal);
        Assert.Contains("(2 more since", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Phone_SignsAsTwilioDoes()
    {
        await using var host = await LocalHost.StartAsync(("REALTIME_URL", _model.Url), ("HANDSHAKE_SIGNATURE", "Require"));
        var call = host.Call(new FakeCaller());
        var running = call.RunAsync(TestTimeout.Token);

        await _model.AcceptConfiguredAsync();

        call.HangUp();
        Assert.Equal(CallEndKind.HungUp, (await running.WaitAsync(TestTimeout.Token)).Kind);
    }

    private Task<BridgeHost> StartAsync(params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string?> { ["PUBLIC_URL"] = PublicUrl };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return BridgeHost.StartAsync(_model.Url, _time, all);
    }

    // As bytes: an HTTP client would join headers of one name.
    private static async Task<HttpStatusCode> HandshakeAsync(BridgeHost bridge, params string[] signatures)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(bridge.Client.BaseAddress!.Host, bridge.Client.BaseAddress.Port, TestTimeout.Token);
        var headers = string.Concat(signatures.Select(signature => $"{TwilioSignature.HeaderName}: {signature}\r\n"));
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"""
            GET /media-stream HTTP/1.1
            Host: localhost
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

            """.ReplaceLineEndings("\r\n").TrimEnd() + $"\r\n{headers}\r\n"), TestTimeout.Token);

        using var reader = new StreamReader(client.GetStream());
        var status = await reader.ReadLineAsync(TestTimeout.Token);
        return (HttpStatusCode)int.Parse(status!.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static async Task AssertRefusedAsync(BridgeHost bridge, params (string, string)[] headers) =>
        Assert.Contains("403", (await Assert.ThrowsAsync<WebSocketException>(() => FakeTwilioStream.ConnectAsync(bridge.Url, headers))).Message, StringComparison.Ordinal);

    private static IEnumerable<string> Lines(BridgeHost bridge, string name) => bridge.Log.Lines.Where(line => line.Contains(name, StringComparison.Ordinal));

    private static string Sign(string url) => TwilioSignature.Compute("12345", url, []);

    private static (string, string) Signed(string url, string authToken = "12345") => (TwilioSignature.HeaderName, TwilioSignature.Compute(authToken, url, []));
}
