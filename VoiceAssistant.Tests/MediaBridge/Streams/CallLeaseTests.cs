using System.Net.WebSockets;
using System.Text.Json;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

/// <summary>One stream a call: the one with the newest token.</summary>
public sealed class CallLeaseTests : IAsyncLifetime
{
    private readonly StandingClock _time = new();
    private FakeRealtimeServer _model = null!;
    private BridgeHost _bridge = null!;
    private int _spoken;

    private static string Lease => $"va:live:{FakeTwilioStream.CallSid}";

    public async ValueTask InitializeAsync()
    {
        _model = await FakeRealtimeServer.StartAsync();
        _bridge = await BridgeHost.StartAsync(_model.Url, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _bridge.DisposeAsync();
        await _model.DisposeAsync();
    }

    // What another bridge, or one that was restarted, sees of a token that a promoted replica gives out again.
    [Fact, Trait("Proves", "T-T6")]
    public async Task Stream_IsRefused_WithTheTokenOfTheStreamThatTheCallHas()
    {
        await CallAsync();
        var again = StreamToken.Create();
        var sequence = (int)await _bridge.Redis.StringGetAsync(Lease);
        await _bridge.Redis.StringSetAsync(
            StreamToken.Key(again),
            JsonSerializer.SerializeToUtf8Bytes(TestGrant.Of(FakeTwilioStream.CallSid) with { Sequence = sequence }, StreamGrantJson.Default.StreamGrant));

        await using var stranger = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await stranger.StartAsync(again);

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await stranger.ReceiveCloseAsync());
        Assert.True(_model.HasNoSession);
    }

    [Fact, Trait("Proves", "T-M7")]
    public async Task OlderStream_IsCutOff_WhenANewerOneHasTheCall()
    {
        var older = await CallAsync();
        var newer = await CallAsync();

        await TenSecondsPassAsync(older, newer);

        Assert.Null(await older.Caller.ReceiveCloseAsync());
        await older.Model.Ended;
        await SpeakAsync(newer);
    }

    [Fact, Trait("Proves", "R8")]
    public async Task Call_GoesOn_AndTakesItsLeaseAgain_WhereRedisHasLostIt()
    {
        var call = await CallAsync();
        await _bridge.Redis.KeyDeleteAsync(Lease);

        await TenSecondsPassAsync(call);

        for (var bound = TestTimeout.Token; !await _bridge.Redis.KeyExistsAsync(Lease);)
        {
            bound.ThrowIfCancellationRequested();
        }

        await SpeakAsync(call);
    }

    [Fact, Trait("Proves", "R8")]
    public async Task Call_GoesOn_WithoutRedis()
    {
        var call = await CallAsync();
        _bridge.StopRedis();

        for (var renewals = 0; renewals < 12; renewals++)
        {
            await TenSecondsPassAsync(call);
        }

        await SpeakAsync(call);
    }

    private async Task<(FakeTwilioStream Caller, FakeRealtimeSession Model)> CallAsync()
    {
        var caller = await _bridge.CallAsync();
        var model = await _model.AcceptConfiguredAsync();
        await model.GreetAsync(caller);
        await _time.TimerSetAsync(CallLeases.RenewInterval);
        return (caller, model);
    }

    // In steps, since a caller who sends nothing for 5 s is gone.
    private async Task TenSecondsPassAsync(params (FakeTwilioStream, FakeRealtimeSession)[] calls)
    {
        for (var step = 0; step < 4; step++)
        {
            foreach (var call in calls)
            {
                await SpeakAsync(call);
            }

            await _bridge.HeardAsync();
            _time.Advance(CallLeases.RenewInterval / 4);
        }
    }

    // Returns when the model has heard it.
    private async Task SpeakAsync((FakeTwilioStream Caller, FakeRealtimeSession Model) call)
    {
        byte[] frame = [0x42, (byte)++_spoken];
        await call.Caller.SendMediaAsync(20 * _spoken, frame);
        while ((string?)(await call.Model.ReceiveAsync("input_audio_buffer.append"))["audio"] != Convert.ToBase64String(frame))
        {
        }
    }
}
