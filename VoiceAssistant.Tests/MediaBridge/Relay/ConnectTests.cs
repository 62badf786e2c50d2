using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>A call begins, and the model is not to be had, or not at once.</summary>
[Trait("Proves", "R2")]
public sealed class ConnectTests : IAsyncLifetime
{
    private readonly StandingClock _time = new();
    private FakeRealtimeServer _model = null!;
    private BridgeHost _bridge = null!;

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

    [Theory]
    [InlineData(401, "OPENAI_API_KEY")]
    [InlineData(403, "OPENAI_API_KEY")]
    [InlineData(404, "REALTIME_MODEL")]
    public async Task Refusal_IsTakenForAnAnswer_WhereASettingIsAtFault(int status, string setting)
    {
        _model.Status = status;
        await using var caller = await _bridge.CallAsync();

        await caller.ExpectGoodbyeAsync();

        Assert.Equal(1, _model.Handshakes);
        Assert.Contains(setting, Assert.Single(_bridge.Log.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_IsAskedAgain_AsSoonAsItAllows()
    {
        _model.Status = 429;
        _model.RetryAfter = "1";
        await using var caller = await _bridge.CallAsync();

        await _time.TimerSetAsync(TimeSpan.FromSeconds(1));
        _model.Status = 101;
        _time.Advance(TimeSpan.FromSeconds(1));

        await (await _model.AcceptConfiguredAsync()).GreetAsync(caller);
        Assert.Equal(2, _model.Handshakes);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Model_IsLeftAlone_AfterFiveFailures_AndTriedOnceAfterFifteenSeconds(int status)
    {
        _model.Status = status;
        await using (var caller = await _bridge.CallAsync())
        {
            // A little more or less of each, so that not all calls try again at once.
            await _time.TimerSetAsync(Patience.QuietStart);
            var untilClip = Patience.QuietStart;
            foreach (var milliseconds in (int[])[250, 500, 1000, 1000])
            {
                var pause = await _time.PauseBegunAsync(TimeSpan.FromMilliseconds(0.8 * milliseconds), TimeSpan.FromMilliseconds(1.2 * milliseconds));
                if (untilClip > TimeSpan.Zero && untilClip < pause)
                {
                    _time.Advance(untilClip);
                    await caller.ExpectAsync(Clips.OneMoment);
                    pause -= untilClip;
                    untilClip = TimeSpan.Zero;
                }

                _time.Advance(pause);
                untilClip -= pause;
            }

            await caller.ExpectGoodbyeAsync();
        }

        Assert.Equal(5, _model.Handshakes);
        await using (var caller = await _bridge.CallAsync())
        {
            await caller.ExpectGoodbyeAsync();
        }

        Assert.Equal(5, _model.Handshakes);
        _time.Advance(TimeSpan.FromSeconds(15));
        _model.Status = 101;
        await using (var caller = await _bridge.CallAsync())
        {
            await (await _model.AcceptConfiguredAsync()).GreetAsync(caller);
        }
    }

    [Fact]
    public async Task Webhook_IsToldThatThereIsNoRoom_WhileTheModelIsLeftAlone()
    {
        var health = _bridge.Services.GetRequiredService<ModelHealth>();
        Assert.Equal("""{"calls":0,"room":20}""", await RoomAsync());

        for (var failure = 0; failure < 5; failure++)
        {
            health.Failed();
        }

        Assert.Equal("""{"calls":0,"room":0}""", await RoomAsync());
        health.Succeeded();
        Assert.Equal("""{"calls":0,"room":20}""", await RoomAsync());

        Task<string> RoomAsync() => _bridge.Client.GetStringAsync(new Uri("/room", UriKind.Relative), TestTimeout.Token);
    }

    [Fact]
    public async Task Caller_IsToldToWaitThenGoodbye_WhenTheModelDoesNotAnswer()
    {
        using var held = _model.HoldHandshakes();
        await using var caller = await _bridge.CallAsync();
        await _model.HandshakeBegunAsync();
        await _time.TimerSetAsync(Patience.QuietStart);

        _time.Advance(Patience.QuietStart);
        await caller.ExpectAsync(Clips.OneMoment);
        await _time.AdvanceUntilAsync(caller.ExpectAsync(Clips.OneMoment), _bridge, caller);
        await _time.AdvanceUntilAsync(caller.ExpectAsync(Clips.SorryGoodbye), _bridge, caller);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await caller.ReceiveCloseAsync());
    }
}
