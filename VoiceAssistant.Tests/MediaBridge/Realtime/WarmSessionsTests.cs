using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

/// <summary>Connections to the model that wait for a call.</summary>
public sealed class WarmSessionsTests : IAsyncLifetime
{
    private const int Calls = 50;

    // How often the bridge looks whether one is missing.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly StandingClock _time = new();
    private FakeRealtimeServer _model = null!;
    private BridgeHost _bridge = null!;

    private WarmSessions Warm => _bridge.Services.GetRequiredService<WarmSessions>();

    private RealtimeConnector Connector => _bridge.Services.GetRequiredService<RealtimeConnector>();

    public async ValueTask InitializeAsync()
    {
        _model = await FakeRealtimeServer.StartAsync();
        _bridge = await BridgeHost.StartAsync(_model.Url, _time, [new("WARM_SESSIONS", "1"), new("MAX_CALLS", $"{Calls}")]);

        // That the model has accepted it does not mean that the bridge has it already: it looks again when it does.
        await _time.TimerSetAsync(RealtimeConnector.Timeout);
        await _time.TimerSetAsync(Interval);
    }

    public async ValueTask DisposeAsync()
    {
        await _bridge.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Call_TakesTheOneThatIsReady_AndAnotherReplacesIt()
    {
        var ready = await _model.AcceptAsync();
        await ready.SendAsync("""{"type":"session.created","event_id":"e1","session":{"type":"realtime","id":"sess_1"}}""");

        await using var caller = await _bridge.CallAsync();
        await ready.ReceiveAsync("session.update");
        await ready.SendAsync("""{"type":"session.updated","event_id":"e2","session":{"type":"realtime","id":"sess_1"}}""");
        await ready.ReceiveAsync("response.create");
        await ready.GreetAsync(caller);

        await _model.AcceptAsync();
        Assert.Equal(2, _model.Handshakes);
    }

    [Fact]
    public async Task Call_TakesANewOne_WhereTheOneThatWasReadyIsGone()
    {
        var ready = await _model.AcceptAsync();
        await ready.CloseAsync();
        await ready.Ended;

        await using var caller = await _bridge.CallAsync();

        await (await _model.AcceptConfiguredAsync()).GreetAsync(caller);
    }

    [Theory]
    [InlineData("closed")]
    [InlineData("expired")]
    public async Task Replacement_IsOpened_WhereTheModelEndsIt(string how)
    {
        var ready = await _model.AcceptAsync();
        await (how is "closed" ? ready.CloseAsync() : ready.SendErrorAsync("session_expired"));

        await _time.AdvanceUntilAsync(_model.AcceptAsync());
    }

    [Fact]
    public async Task Replacement_IsOpened_BeforeItIsTooOld()
    {
        var ready = await _model.AcceptAsync();
        _time.Advance(TimeSpan.FromMinutes(10));

        await _model.AcceptAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await ready.Ended);
    }

    [Fact]
    public async Task None_IsKept_WhileTheModelIsTakenToBeOutOfReach()
    {
        var ready = await _model.AcceptAsync();
        var health = _bridge.Services.GetRequiredService<ModelHealth>();
        for (var i = 0; i < 5; i++)
        {
            health.Failed();
        }

        _time.Advance(Interval);
        await ready.Ended;
        Assert.Equal(0, Warm.Count);

        // And the one that is opened after the break, 15 s after it began, tells all others that the model is back. No time passes while it connects.
        for (var looks = 0; looks < 2; looks++)
        {
            await _time.TimerSetAsync(Interval);
            _time.Advance(Interval);
        }

        await _model.AcceptAsync();
        await _time.TimerSetAsync(RealtimeConnector.Timeout);
        await _time.TimerSetAsync(Interval);
        Assert.False(health.IsOpen);
    }

    [Fact]
    [Trait("Proves", "T-B6")]
    public async Task None_IsLeft_AfterTheServiceHasStopped()
    {
        var ready = await _model.AcceptAsync();
        var (warm, connector) = (Warm, Connector);

        await _bridge.DisposeAsync();

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await ready.Ended);
        Assert.Equal((0, 0), (warm.Count, connector.OpenSessions));
    }

    [Fact]
    [Trait("Proves", "T-B6")]
    public async Task NoSession_IsLeft_WhereverCallsBreakOff()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < Calls; i++)
        {
            await using var caller = await _bridge.CallAsync($"CA{i:x32}");
            for (var step = random.Next(10); step > 0; step--)
            {
                await caller.SendMediaAsync(20 * step, new byte[160]);
            }

            caller.Abort();
        }

        var connector = Connector;

        // Those that do not answer the goodbye are cut off after a while.
        await _time.AdvanceUntilAsync(() => _bridge.Log.Lines.Count(IsOver) == Calls && connector.OpenSessions == Warm.Count);
        Assert.InRange(connector.OpenSessions, 0, 1);

        static bool IsOver(string line) => line.Contains("[Ended]", StringComparison.Ordinal) || line.Contains("[Refused]", StringComparison.Ordinal);
    }
}
