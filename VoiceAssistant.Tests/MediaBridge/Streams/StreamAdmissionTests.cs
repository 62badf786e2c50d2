using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

/// <summary>Who gets a conversation: one row for everything that strangers send, and what they are told.</summary>
public sealed class StreamAdmissionTests(BridgeFixture bridge) : IClassFixture<BridgeFixture>
{
    private const string Connected = """{"event":"connected","protocol":"Call","version":"1.0.0"}""";
    private const string Unknown = """{"event":"news","start":1}""";
    private const string OtherCall = "CAffffffffffffffffffffffffffffffff";
    private const string OtherAccount = "ACffffffffffffffffffffffffffffffff";

    private readonly FakeRealtimeServer _model = bridge.Model;
    private readonly BridgeHost _bridge = bridge.Host;

    public static TheoryData<string, string, WebSocketCloseStatus> Refused { get; } = new()
    {
        { "media first", """{"event":"media","streamSid":"MZ1","media":{"payload":"fn8A"}}""", WebSocketCloseStatus.PolicyViolation },
        { "start first", "START", WebSocketCloseStatus.PolicyViolation },
        { "media second", Connected + "|" + """{"event":"media","media":{"payload":"fn8A"}}""", WebSocketCloseStatus.PolicyViolation },
        { "mark second", Connected + "|" + """{"event":"mark","mark":{"name":"1-1-1"}}""", WebSocketCloseStatus.PolicyViolation },
        { "dtmf second", Connected + "|" + """{"event":"dtmf","dtmf":{"digit":"1"}}""", WebSocketCloseStatus.PolicyViolation },
        { "stop second", Connected + "|" + """{"event":"stop"}""", WebSocketCloseStatus.PolicyViolation },
        { "two connected", Connected + "|" + Connected + "|START", WebSocketCloseStatus.PolicyViolation },
        { "five connected", string.Join('|', Enumerable.Repeat(Connected, 5)), WebSocketCloseStatus.PolicyViolation },
        { "no start among four", Connected + "|" + Unknown + "|" + Unknown + "|" + Unknown + "|START", WebSocketCloseStatus.PolicyViolation },
        { "over 4 KB", Padded(4097), WebSocketCloseStatus.MessageTooBig },
        { "over 4 KB, second", Connected + "|" + Padded(4097), WebSocketCloseStatus.MessageTooBig },
        { "over 8 KB in all", Connected + "|" + Padded(4000) + "|" + Padded(4000) + "|START", WebSocketCloseStatus.PolicyViolation },
        { "binary", "BINARY", WebSocketCloseStatus.InvalidMessageType },
        { "no text", "NOTEXT", WebSocketCloseStatus.InvalidPayloadData },
        { "nothing", "", WebSocketCloseStatus.PolicyViolation },
        { "no JSON", "GET / HTTP/1.1", WebSocketCloseStatus.PolicyViolation },
        { "no object", "[]", WebSocketCloseStatus.PolicyViolation },
        { "a name that is no text", """{"e\ud800":"connected"}""", WebSocketCloseStatus.PolicyViolation },
        { "a name that is no text in start", Connected + "|" + """{"sta\ud800":0,"event":"start","streamSid":"MZ0123456789abcdef0123456789abcdef"}""", WebSocketCloseStatus.PolicyViolation },
        { "deep nesting", new string('[', 4000), WebSocketCloseStatus.PolicyViolation },
        { "start without fields", Connected + "|" + """{"event":"start","start":{}}""", WebSocketCloseStatus.PolicyViolation },
        { "no token", Connected + "|" + FakeTwilioStream.StartMessage(""), WebSocketCloseStatus.PolicyViolation },
        { "no form of a token", Connected + "|" + FakeTwilioStream.StartMessage("*"), WebSocketCloseStatus.PolicyViolation },
        { "unknown token", Connected + "|" + FakeTwilioStream.StartMessage(new string('A', 43)), WebSocketCloseStatus.PolicyViolation },
    };

    // What they are told is written in our code, and nothing of what they sent.
    private static readonly string[] Reasons =
    [
        "Expected connected, then start.", "The start message is incomplete.", "The start message did not come.", "The message is too long.",
        "Only text messages are spoken here.", "The token does not admit this stream.",
    ];

    [Theory]
    [Trait("Proves", "T-M2")]
    [Trait("Proves", "T-M4")]
    [Trait("Proves", "T-S9")]
    [MemberData(nameof(Refused))]
    public async Task Stranger_IsRefused_AndTheModelNeverAsked(string name, string messages, WebSocketCloseStatus status)
    {
        await using var stranger = await FakeTwilioStream.ConnectAsync(_bridge.Url);

        await SendAsync(stranger, messages);

        Assert.Equal((name, status), (name, await stranger.ReceiveCloseAsync()));
        if (status is not WebSocketCloseStatus.InvalidPayloadData)
        {
            Assert.Contains(stranger.CloseReason, Reasons);
        }

        Assert.True(_model.HasNoSession);
    }

    [Fact]
    public async Task RunningCall_IsUntouched_ByAllOfThem()
    {
        await using var caller = await _bridge.CallAsync();
        var session = await _model.AcceptConfiguredAsync();

        var turn = 0;
        foreach (var row in Refused)
        {
            await using var stranger = await FakeTwilioStream.ConnectAsync(_bridge.Url);
            await SendAsync(stranger, row.Data.Item2);
            await ConverseAsync(++turn);
            Assert.Equal(row.Data.Item3, await stranger.ReceiveCloseAsync());
        }

        await ConverseAsync(++turn);
        Assert.True(_model.HasNoSession);

        async Task ConverseAsync(int turn)
        {
            var spoken = Enumerable.Repeat((byte)turn, 160).ToArray();
            await caller.SendMediaAsync(20 * turn, spoken);
            Assert.Equal(Convert.ToBase64String(spoken), (string?)(await session.ReceiveAsync("input_audio_buffer.append"))["audio"]);
            await session.SendDeltaAsync("resp", "item", spoken);
            Assert.Equal(spoken, (await caller.ReceiveAudioAsync()).Audio);
        }
    }

    [Fact]
    public async Task Call_IsAdmitted_AmongMessagesThatMayComeOneDay()
    {
        var token = await _bridge.IssueTokenAsync();
        await using var caller = await FakeTwilioStream.ConnectAsync(_bridge.Url);

        await SendAsync(caller, $"{Unknown}|{Connected}|{Padded(4096)}|{FakeTwilioStream.StartMessage(token)}");

        await _model.AcceptConfiguredAsync();
    }

    [Fact, Trait("Proves", "T-T8")]
    public async Task Token_OfAnotherCall_IsRefused()
    {
        var token = await _bridge.IssueTokenAsync(OtherCall);
        await using var stranger = await FakeTwilioStream.ConnectAsync(_bridge.Url);

        await stranger.StartAsync(token);

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await stranger.ReceiveCloseAsync());
        Assert.True(_model.HasNoSession);
    }

    [Fact, Trait("Proves", "T-T8")]
    public async Task Token_OfAnotherAccount_IsRefused_AndBurnt()
    {
        var token = await _bridge.IssueTokenAsync();
        await using var stranger = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await stranger.StartAsync(token, accountSid: OtherAccount);
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await stranger.ReceiveCloseAsync());

        await using var caller = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await caller.StartAsync(token);

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await caller.ReceiveCloseAsync());
        Assert.True(_model.HasNoSession);
    }

    [Fact]
    public async Task Token_AdmitsOnce_AndTheFirstCallGoesOn()
    {
        var token = await _bridge.IssueTokenAsync();
        await using var caller = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await caller.StartAsync(token);
        var session = await _model.AcceptConfiguredAsync();

        await using var second = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await second.StartAsync(token);

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await second.ReceiveCloseAsync());
        Assert.True(_model.HasNoSession);
        await session.SendDeltaAsync("resp", "item", [7]);
        Assert.Equal([7], (await caller.ReceiveAudioAsync()).Audio);
    }

    [Fact, Trait("Proves", "T-T4")]
    public async Task Token_AdmitsOne_OfManyAtOnce()
    {
        var token = await _bridge.IssueTokenAsync();
        var streams = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => FakeTwilioStream.ConnectAsync(_bridge.Url)));

        await Task.WhenAll(streams.Select(stream => stream.StartAsync(token)));
        var session = await _model.AcceptConfiguredAsync();
        var closing = streams.Select(stream => stream.ReceiveCloseAsync()).ToList();
        for (var refused = 0; refused < streams.Length - 1; refused++)
        {
            var closed = await Task.WhenAny(closing);
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, await closed);
            closing.Remove(closed);
        }

        Assert.True(_model.HasNoSession);
        Assert.False(session.Ended.IsCompleted);
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    [Theory, Trait("Proves", "T-T9")]
    [InlineData("audio/x-mulaw", "audio/x-l16")]
    [InlineData(FakeTwilioStream.CallSid, "CA1")]
    [InlineData("streamSid", "streamsid")]
    [InlineData("mediaFormat", "ca\\ud800")]
    public async Task MalformedStart_DoesNotBurnTheToken(string good, string bad)
    {
        var token = await _bridge.IssueTokenAsync();
        await using (var stranger = await FakeTwilioStream.ConnectAsync(_bridge.Url))
        {
            await SendAsync(stranger, Connected + "|" + FakeTwilioStream.StartMessage(token).Replace(good, bad, StringComparison.Ordinal));
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, await stranger.ReceiveCloseAsync());
            Assert.True(_model.HasNoSession);
        }

        await using var caller = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await caller.StartAsync(token);

        await _model.AcceptConfiguredAsync();
    }

    [Fact, Trait("Proves", "T-T10")]
    public async Task Token_IsRefused_OnceExpired()
    {
        var token = await _bridge.IssueTokenAsync();
        await using (var redis = await ConnectionMultiplexer.ConnectAsync(TestRedis.Patient(_bridge.RedisConnectionString)))
        {
            // What Redis does itself after 60 s.
            var key = "va:tok:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
            Assert.True(await redis.GetDatabase().KeyExpireAsync(key, DateTime.UtcNow.AddSeconds(-1)));
        }

        await using var caller = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await caller.StartAsync(token);

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await caller.ReceiveCloseAsync());
        Assert.True(_model.HasNoSession);
    }

    private static string Padded(int length) => $$"""{"event":"news","x":"{{new string('x', length - 23)}}"}""";

    // Separated by bars; a stranger who has been refused already need not have been listening.
    private async Task SendAsync(FakeTwilioStream stream, string messages)
    {
        try
        {
            foreach (var message in messages.Split('|'))
            {
                await (message switch
                {
                    "BINARY" => stream.SendAsync(new byte[] { 1 }, WebSocketMessageType.Binary),
                    "NOTEXT" => stream.SendAsync(new byte[] { 0xC3, 0x28 }),
                    "START" => stream.SendAsync(FakeTwilioStream.StartMessage(await _bridge.IssueTokenAsync())),
                    _ => stream.SendAsync(message),
                });
            }
        }
        catch (WebSocketException)
        {
        }
    }
}
