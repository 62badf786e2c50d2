using System.Net.WebSockets;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>A bridge stops, and there is no other.</summary>
[Trait("Proves", "R12")]
public sealed class StopTests : IAsyncLifetime
{
    private const string CallSid = FakeTwilioStream.CallSid;

    private readonly EmbeddedRedis _redis = new();
    private readonly FakeTimeProvider _time = new();
    private FakeRealtimeServer _model = null!;
    private WebhookHost _webhook = null!;
    private BridgeHost _bridge = null!;
    private FakeTwilioStream _caller = null!;
    private FakeRealtimeSession _session = null!;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeRealtimeServer.StartAsync();
        _webhook = await WebhookHost.StartAsync(_redis.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _bridge.DisposeAsync();
        await _webhook.DisposeAsync();
        await _model.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task Caller_HearsAGoodbye_InMidSentence_AndTheCallIsOver()
    {
        await CallAsync("0");
        using var telemetry = new TelemetryRecorder(_bridge.Meters);
        await _session.StartResponseAsync("resp_1");
        await _session.SayAsync("1", "I am about to say", new byte[80_000]);
        await _caller.ReceiveAudioAsync();

        var stopping = _bridge.StopAsync();

        await _time.AdvanceUntilAsync(HearAsync(), _bridge, _caller);
        await _bridge.Log.WaitForAsync($"Call {CallSid} is over (stopped)");
        Assert.Equal("<Response><Hangup /></Response>", await AskAsync(TwilioRequest.StreamEnded(CallSid)));
        await _caller.CloseAsync();
        await _time.AdvanceUntilAsync(stopping);
        Assert.Equal([1], telemetry.Measured("va.streams.ended", "reason", "stopping"));
        Assert.Equal([1], telemetry.Measured("va.drain.forced"));

        async Task HearAsync()
        {
            Assert.Equal("clear", (string?)(await _caller.ReceiveAsync())?["event"]);
            await _caller.ExpectGoodbyeAsync();
        }
    }

    [Fact]
    public async Task Service_StopsAllTheSame_WhereTheCallerIsGoneDuringTheGoodbye()
    {
        await CallAsync("0");

        var stopping = _bridge.StopAsync();
        var hearing = _caller.ReceiveAsync();
        await _time.AdvanceUntilAsync(hearing, _bridge, _caller);
        Assert.Equal("media", (string?)(await hearing)?["event"]);
        await _caller.StopAsync();

        await _time.AdvanceUntilAsync(stopping);
    }

    [Fact, Trait("Proves", "R27")]
    public async Task Caller_HearsAnApology_WhereEveryBridgeThatIsTriedStops()
    {
        await CallAsync("45");
        await _session.StartResponseAsync("resp_1");
        await _session.SendDeltaAsync("resp_1", "item_1", new byte[160]);
        await _caller.ReturnMarkAsync((await _caller.ReceiveAudioAsync()).Mark);
        var stopping = _bridge.StopAsync();
        await _bridge.Log.WaitForAsync("[TurnedOn]");

        // The next stream is refused while this one is still there.
        for (var tries = 0; tries < 2; tries++)
        {
            var refused = await Assert.ThrowsAsync<WebSocketException>(() => FakeTwilioStream.ConnectAsync(_bridge.Url));
            Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        }

        await _session.EndResponseAsync("resp_1");
        var closing = _caller.ReceiveCloseAsync();
        await _time.AdvanceUntilAsync(closing, _bridge, _caller);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await closing);
        await _caller.CloseAsync();
        for (var sequence = 1; sequence <= 3; sequence++)
        {
            Assert.Contains("<Stream", await AskAsync(TwilioRequest.StreamEnded(CallSid, sequence)), StringComparison.Ordinal);
        }

        Assert.Contains(">Sorry, ", await AskAsync(TwilioRequest.StreamEnded(CallSid, 4)), StringComparison.Ordinal);
        await _webhook.Log.WaitForAsync($"Call {CallSid} is over (not_resumed)");
        await _time.AdvanceUntilAsync(stopping);
    }

    private async Task CallAsync(string drainSeconds)
    {
        _bridge = await BridgeHost.StartAsync(
            _model.Url, _time, [new("ConnectionStrings:redis", _redis.ConnectionString), new("DRAIN_SECONDS", drainSeconds)]);
        _caller = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await _caller.StartAsync(TestTwiml.Token(await AskAsync(TwilioRequest.IncomingCall)));
        _session = await _model.AcceptConfiguredAsync();
        await _session.GreetAsync(_caller);
    }

    private async Task<string> AskAsync(TwilioRequest request)
    {
        using var response = await _webhook.SendAsync(request);
        return await TestTwiml.ReadAsync(response);
    }
}
