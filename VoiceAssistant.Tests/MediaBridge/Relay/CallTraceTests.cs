using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>A whole call through the bridge as an operator sees it.</summary>
public sealed class CallTraceTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private FakeRealtimeServer _model = null!;
    private BridgeHost _bridge = null!;
    private TelemetryRecorder _telemetry = null!;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeRealtimeServer.StartAsync();
        _bridge = await BridgeHost.StartAsync(_model.Url, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _bridge.DisposeAsync();
        await _model.DisposeAsync();
        _telemetry.Dispose();
    }

    [Fact]
    public async Task Call_IsOneTree_FromItsTokenToTheModel()
    {
        await using var caller = await CallAsync();
        var session = await _model.AcceptConfiguredAsync();
        await session.StartResponseAsync("resp_1");
        await session.SendDeltaAsync("resp_1", "item_1", new byte[160]);
        await caller.ReceiveAudioAsync();
        await session.EndResponseAsync("resp_1");
        await session.SpeechStartedAsync();
        Assert.Equal("clear", (string?)(await caller.ReceiveAsync())?["event"]);
        await caller.SendMediaAsync(20, new byte[160]);
        await caller.StopAsync();

        var call = await _telemetry.CallAsync();
        Assert.Equal((ActivityKind.Server, ActivityStatusCode.Unset), (call.Kind, call.Status));
        Assert.Equal(FakeTwilioStream.CallSid, call.GetTagItem("voice.call.sid"));
        Assert.Equal("caller_left", call.GetTagItem("voice.call.end_reason"));
        Assert.Equal((1L, 0L, 1L), (call.GetTagItem("voice.call.frames_in"), call.GetTagItem("voice.call.frames_dropped"), call.GetTagItem("voice.call.deltas_out")));

        var connect = _telemetry.Single("voice.model.connect");
        Assert.Equal((call.SpanId, "ok"), (connect.ParentSpanId, connect.GetTagItem("voice.model.connect.result")));
        Assert.All(_telemetry.All("voice.turn"), turn => Assert.Equal(call.SpanId, turn.ParentSpanId));
        Assert.Equal(["greeting", "speech"], _telemetry.All("voice.turn").Select(turn => turn.GetTagItem("voice.turn.trigger")));
        Assert.Equal(_telemetry.All("voice.turn")[0].SpanId, _telemetry.Single("chat gpt-realtime-2.1").ParentSpanId);
        Assert.Single(_telemetry.All("voice.turn")[0].Events, happened => happened.Name == "voice.interruption");
    }

    [Fact]
    public async Task Call_IsCounted_FromItsBeginningToItsEnd()
    {
        await using var caller = await CallAsync();
        await _model.AcceptConfiguredAsync();
        Assert.Equal([1], _telemetry.Measured("va.calls.active"));
        Assert.Equal([1], _telemetry.Measured("va.streams.started"));

        _time.Advance(TimeSpan.FromSeconds(3));
        await caller.StopAsync();
        await _telemetry.CallAsync();

        Assert.Equal([1, -1], _telemetry.Measured("va.calls.active"));
        Assert.Equal([1], _telemetry.Measured("va.streams.ended", "reason", "caller_left"));
        Assert.Equal([3], _telemetry.Measured("voice.call.duration", "reason", "caller_left"));
        Assert.Equal([0], _telemetry.Measured("va.openai.connect.seconds", "result", "ok"));
    }

    [Theory]
    [InlineData("abort", "caller_lost", "caller_lost")]
    [InlineData("violation", "caller_violation", "caller_violation")]
    [InlineData("model closes", "model_lost", "closed")]
    [InlineData("model gives up", "model_lost", "insufficient_quota")]
    public async Task End_ThatIsNotTheCallers_IsAnError_WithItsReason(string how, string reason, string errorType)
    {
        await using var caller = await CallAsync();
        var session = await _model.AcceptConfiguredAsync();

        switch (how)
        {
            case "abort":
                caller.Abort();
                break;
            case "violation":
                await caller.SendAsync("""{"event":"connected"}""");
                break;
            case "model closes":
                // Other closes are answered with another session.
                await session.CloseAsync(WebSocketCloseStatus.PolicyViolation);
                break;
            default:
                await session.EndResponseAsync("resp_1", "failed", """{"error":{"code":"insufficient_quota"}}""");
                break;
        }

        if (reason is "model_lost")
        {
            var (_, mark) = await caller.ReceiveAudioAsync();
            await caller.ReturnMarkAsync(mark);
            Assert.Equal(WebSocketCloseStatus.NormalClosure, await caller.ReceiveCloseAsync());
            await caller.CloseAsync();
        }

        var call = await _telemetry.CallAsync();
        Assert.Equal((ActivityStatusCode.Error, errorType), (call.Status, call.GetTagItem("error.type")));
        Assert.Equal([1], _telemetry.Measured("va.streams.ended", "reason", reason));
    }

    [Fact]
    public async Task Connect_ThatFails_IsAnErrorOfTheModel()
    {
        _model.Status = 401;
        await using var caller = await CallAsync();
        var (_, mark) = await caller.ReceiveAudioAsync();
        await caller.ReturnMarkAsync(mark);
        await caller.ReceiveCloseAsync();
        await caller.CloseAsync();

        var call = await _telemetry.CallAsync();
        var connect = _telemetry.Single("voice.model.connect");
        Assert.Equal((ActivityStatusCode.Error, "401"), (connect.Status, connect.GetTagItem("error.type")));
        Assert.Equal("401", call.GetTagItem("error.type"));
        Assert.Equal("sorry-goodbye", Assert.Single(Assert.Single(call.Events).Tags).Value);
        Assert.Single(_telemetry.Measured("va.openai.connect.seconds", "result", "401"));
    }

    [Fact]
    public async Task Queues_AreLookedAt_WhileThereIsNoModel()
    {
        using var held = _model.HoldHandshakes();
        await using var caller = await CallAsync();
        await _model.HandshakeBegunAsync();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await caller.SendMediaAsync(0, new byte[160]);
        await _bridge.HeardAsync();

        await _time.AdvanceUntilAsync(() => _telemetry.Measured("va.audio.queue.seconds", "dir", "in").Any(seconds => seconds > 0));

        Assert.NotEmpty(_telemetry.Measured("va.audio.queue.seconds", "dir", "out"));
    }

    [Fact]
    public async Task Frames_AreCounted_ThatAreDroppedWhileThereIsNoModel()
    {
        using var held = _model.HoldHandshakes();
        await using var caller = await CallAsync();
        await _model.HandshakeBegunAsync();

        // Three more than are kept.
        for (var frame = 0; frame < 503; frame++)
        {
            await caller.SendMediaAsync(20 * frame, new byte[160]);
        }

        await caller.StopAsync();

        Assert.Equal(3L, (await _telemetry.CallAsync()).GetTagItem("voice.call.frames_dropped"));
        Assert.Equal([3], _telemetry.Measured("va.audio.dropped", "dir", "in"));
    }

    [Fact]
    public void Call_BeginsATraceOfItsOwn_WhereItsTokenHasNone()
    {
        using var meters = new TestMeters();
        _telemetry = new TelemetryRecorder(meters);
        var strangers = Activity.Current!;

        using var call = Trace(meters);

        Assert.Equal("voice.call", Activity.Current!.OperationName);
        Assert.NotEqual(strangers.TraceId, Activity.Current.TraceId);
    }

    [Fact]
    public void Call_ThatAFaultOfOursEnds_IsCountedAsError()
    {
        using var meters = new TestMeters();
        _telemetry = new TelemetryRecorder(meters);

        Trace(meters).Dispose();

        Assert.Equal([1], _telemetry.Measured("va.streams.ended", "reason", "error"));
        Assert.Equal([1, -1], _telemetry.Measured("va.calls.active"));
    }

    [Fact]
    public async Task LogLines_OfACall_AllNameIt()
    {
        await using var caller = await CallAsync();
        var session = await _model.AcceptConfiguredAsync();
        await session.SendAsync("""{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"odd"}}""");
        await caller.StopAsync();
        await _telemetry.CallAsync();

        var ours = _bridge.Log.All.Where(line => line.Text.Contains("MediaBridge.Relay", StringComparison.Ordinal)).ToList();
        Assert.True(ours.Count >= 2);
        Assert.All(ours, line => Assert.Contains("Call " + FakeTwilioStream.CallSid, line.Scopes));
    }

    [Fact]
    public async Task RequestOfAnAdmittedStream_IsLeftToTheCallsSpan()
    {
        await using var caller = await CallAsync();
        await _model.AcceptConfiguredAsync();
        await caller.StopAsync();
        await caller.ReceiveCloseAsync();
        await caller.CloseAsync();

        Assert.False((await _telemetry.RequestAsync()).Recorded);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false)]
    public async Task RefusedStream_IsAnError_AndInNobodysTrace(string? traceParent, bool recorded)
    {
        _telemetry = new TelemetryRecorder(_bridge.Meters);
        var port = new Uri(_bridge.Url).Port;
        var ended = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            ActivityStopped = request => _ = Equals(request.GetTagItem("server.port"), port) && ended.TrySetResult(request),
        };
        ActivitySource.AddActivityListener(listener);

        using var stranger = new ClientWebSocket();
        stranger.Options.SetRequestHeader("traceparent", traceParent);
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { ActivityHeadersPropagator = null });
        await stranger.ConnectAsync(new Uri(_bridge.Url), http, TestTimeout.Token);
        await stranger.SendAsync("[]"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestTimeout.Token);
        await stranger.ReceiveAsync(new byte[100].AsMemory(), TestTimeout.Token);
        await stranger.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestTimeout.Token);

        var refused = await ended.Task.WaitAsync(TestTimeout.Token);
        Assert.Equal((recorded, ActivityStatusCode.Error, "refused"), (refused.Recorded, refused.Status, refused.GetTagItem("error.type")));
    }

    [Fact]
    public async Task Tokens_AreCounted_ByWhatBecameOfThem()
    {
        _telemetry = new TelemetryRecorder(_bridge.Meters);
        _ = await _bridge.Services.GetRequiredService<CallRecords>().IssueTokenAsync(TestGrant.New(), TestTimeout.Token);
        var token = await _bridge.IssueTokenAsync();
        await RefusedAsync(token, "AC" + new string('f', 32));
        await RefusedAsync(token, FakeTwilioStream.AccountSid);
        await RefusedAsync(new string('B', 43), FakeTwilioStream.AccountSid);

        Assert.Equal(
            ["minted", "consumed", "mismatch", "replayed", "expired"],
            _telemetry.AllMeasured.Where(measured => measured.Instrument.Name == "va.token").Select(measured => measured["result"]));

        async Task RefusedAsync(string token, string account)
        {
            await using var stranger = await FakeTwilioStream.ConnectAsync(_bridge.Url);
            await stranger.StartAsync(token, accountSid: account);
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, await stranger.ReceiveCloseAsync());
        }
    }

    [Fact]
    public void Instruments_HaveTheNamesThatAreWatched()
    {
        _telemetry = new TelemetryRecorder(_bridge.Meters);
        // Otherwise the first call brings them into being.
        _bridge.Services.GetRequiredService<CallRelay>();

        Assert.Equal(
            [
                "gen_ai.client.inference.duration s Histogram",
                "gen_ai.client.inference.time_to_first_chunk s Histogram",
                "gen_ai.client.inference.usage.cache_read.input_tokens {token} Counter",
                "gen_ai.client.inference.usage.input_tokens {token} Counter",
                "gen_ai.client.inference.usage.output_tokens {token} Counter",
                "va.audio.dropped {frame} Counter",
                "va.audio.queue.seconds s Histogram",
                "va.call.gap.seconds s Histogram",
                "va.calls.active {call} UpDownCounter",
                "va.calls.ended {call} Counter",
                "va.drain.forced {call} Counter",
                "va.drain.seconds s Histogram",
                "va.loop.lateness s Histogram",
                "va.openai.connect.seconds s Histogram",
                "va.openai.reconnects {session} Counter",
                "va.resume {resume} Counter",
                "va.streams.ended {stream} Counter",
                "va.streams.started {stream} Counter",
                "va.token {token} Counter",
                "voice.call.duration s Histogram",
                "voice.call.time_to_first_audio s Histogram",
                "voice.interruptions {interruption} Counter",
                "voice.turn.time_to_first_audio s Histogram",
            ],
            _telemetry.Instruments
                .Where(instrument => instrument.Meter.Name.StartsWith("VoiceAssistant.", StringComparison.Ordinal))
                .Select(instrument => $"{instrument.Name} {instrument.Unit} {instrument.GetType().Name.Split('`')[0]}")
                .Order(StringComparer.Ordinal));
    }

    private CallTrace Trace(TestMeters meters) =>
        new(FakeTwilioStream.CallSid, parent: default, new CallMetrics(meters), new RealtimeMetrics(meters, Options.Create(new RealtimeOptions())), _time);

    // Not async: the trace that begins here is to be the test's own.
    private Task<FakeTwilioStream> CallAsync()
    {
        _telemetry = new TelemetryRecorder(_bridge.Meters);
        return _bridge.CallAsync();
    }
}
