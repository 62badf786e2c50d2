using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

[Trait("Proves", "R12")]
public sealed class DrainTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogRecorder _log = new();
    private readonly ILoggerFactory _logging;
    private readonly TestMeters _meters = new();
    private readonly TelemetryRecorder _telemetry;
    private readonly LiveCalls _calls = new();
    private readonly StreamGates _gates;
    private readonly DrainSwitch _switch;

    public DrainTests()
    {
        _logging = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _telemetry = new(_meters);
        _gates = new(Options.Create(new StreamOptions()), _time, NullLogger<StreamGates>.Instance);
        _switch = new(_gates, _logging.CreateLogger<DrainSwitch>());
    }

    public void Dispose()
    {
        _telemetry.Dispose();
        _logging.Dispose();
    }

    [Fact]
    public async Task ItIsOver_WhenTheLastCallHasEndedByItself()
    {
        using var one = Begin();
        using var other = Begin();

        var draining = DrainAsync("600");
        Assert.True(_switch.IsOn);
        one.Dispose();
        _time.Advance(TimeSpan.FromSeconds(554));
        Assert.False(other.Call.IsToLeave(isBetweenTurns: true));
        other.Dispose();
        await _time.AdvanceUntilAsync(draining);

        Assert.Contains(_log.Lines, line => line.Contains("2 calls run", StringComparison.Ordinal));
        Assert.Contains(_log.Lines, line => line.Contains("of 2 calls 2 ended by themselves, 0 were handed over between two turns, 0 in", StringComparison.Ordinal));
        Assert.InRange(Assert.Single(_telemetry.Measured("va.drain.seconds")), 554, 600);
        Assert.Empty(_telemetry.Measured("va.drain.forced"));
    }

    [Fact]
    public async Task ItIsOverAtOnce_WithoutACall()
    {
        await DrainAsync("600");

        Assert.Contains(_log.Lines, line => line.Contains("of 0 calls 0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Call_LeavesBetweenTurns_ThenAtOnce_ThenWithAGoodbye()
    {
        using var call = Begin();
        using var second = Begin();
        var draining = DrainAsync("600");

        _time.Advance(TimeSpan.FromSeconds(555));
        await _time.AdvanceUntilAsync(() => call.Call.IsToLeave(isBetweenTurns: true));
        call.Call.HasLeft(wasBetweenTurns: true);
        call.Dispose();
        await _time.AdvanceUntilAsync(() => second.Call.IsToLeave(isBetweenTurns: false));
        await _time.AdvanceUntilAsync(() => second.Call.IsToEnd);
        second.Call.HasEnded();
        second.Dispose();
        await _time.AdvanceUntilAsync(draining);

        Assert.Contains(_log.Lines, line => line.Contains("of 2 calls 0 ended by themselves, 1 were handed over between two turns, 1 in", StringComparison.Ordinal));
        Assert.Equal([1], _telemetry.Measured("va.drain.forced"));
    }

    [Fact]
    public async Task Call_LeavesAtOnce_WhereSomebodyHurries()
    {
        using var call = Begin();
        var drain = Create("600");
        var draining = drain.RunAsync(TestTimeout.Token);

        drain.Hurry();
        drain.Hurry();

        await _time.AdvanceUntilAsync(() => call.Call.IsToLeave(isBetweenTurns: false));
        call.Call.HasLeft(wasBetweenTurns: false);
        call.Dispose();
        await _time.AdvanceUntilAsync(draining);
        Assert.Single(_log.Lines, line => line.Contains("[Urgent]", StringComparison.Ordinal));
        Assert.Equal([1], _telemetry.Measured("va.drain.forced"));
    }

    // Its socket was open before, and it shows its token only now.
    [Fact]
    public async Task Stranger_IsWaitedFor_AndLeavesAsACall()
    {
        using var slot = _gates.TryEnter(null)!;
        var draining = DrainAsync("45");

        _time.Advance(TimeSpan.FromSeconds(4));
        using var call = _calls.Add();
        await _time.AdvanceUntilAsync(() => call.IsToLeave(isBetweenTurns: true));
        Assert.False(draining.IsCompleted);
        slot.Dispose();

        await _time.AdvanceUntilAsync(draining);
    }

    [Fact]
    public async Task Host_IsNotHeldUp_WhereItGivesUp()
    {
        using var call = Begin();
        using var giveUp = new CancellationTokenSource();
        var draining = Create("600").RunAsync(giveUp.Token);

        await giveUp.CancelAsync();

        await draining.WaitAsync(TestTimeout.Token);
        Assert.Equal([1], _telemetry.Measured("va.drain.forced"));
    }

    private Held Begin()
    {
        var slot = _gates.TryEnter(null)!;
        Assert.True(slot.TryBecomeCall());
        return new(slot, _calls.Add());
    }

    private Task DrainAsync(string seconds) => Create(seconds).RunAsync(TestTimeout.Token);

    private Drain Create(string seconds) => new(
        _switch, _gates, _calls, Options.Create(new DrainOptions { SecondsText = seconds }), new HostingEnvironment { EnvironmentName = Environments.Production },
        new CallMetrics(_meters), _time, _logging.CreateLogger<Drain>());

    private sealed record Held(StreamGates.Slot Slot, LiveCalls.LiveCall Call) : IDisposable
    {
        public void Dispose()
        {
            Call.Dispose();
            Slot.Dispose();
        }
    }
}
