using System.Collections.Concurrent;

namespace VoiceAssistant.Local.Chaos;

/// <summary>Lets happen what the schedule says.</summary>
internal sealed class FaultInjector(ChaosSystem system, TextWriter output, TimeProvider time, long origin)
{
    private static readonly Weather Slow = new() { Latency = TimeSpan.FromMilliseconds(200), Jitter = TimeSpan.FromMilliseconds(200) };

    // A call needs some 15,000 bytes a second in each direction.
    private static readonly Weather Dripping = new() { Bandwidth = 1000 };

    private readonly ConcurrentQueue<InjectedFault> _injected = [];
    private readonly List<Task> _draining = [];

    /// <summary>What happened, and when it began and was over.</summary>
    public IReadOnlyList<InjectedFault> Injected => [.. _injected];

    private TimeSpan Now => time.GetElapsedTime(origin);

    public async Task RunAsync(IReadOnlyList<Fault> faults, CancellationToken cancellationToken)
    {
        foreach (var fault in faults)
        {
            var wait = fault.At - Now;
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, cancellationToken);
            var from = Now;
            await output.WriteLineAsync($"{from:mm\\:ss\\.f}  {fault}");
            await InjectAsync(fault, cancellationToken);
            _injected.Enqueue(new(fault, from, Now));
        }
    }

    /// <summary>Waits for the bridges that were told to stop.</summary>
    public Task DrainedAsync() => Task.WhenAll(_draining);

    private Task InjectAsync(Fault fault, CancellationToken cancellationToken) => (fault.Kind, fault.Target) switch
    {
        (FaultKind.Kill, Target.Bridge) => KillBridgeAsync(cancellationToken),
        (FaultKind.Stop, _) => StopBridgeAsync(cancellationToken),
        (FaultKind.Kill, Target.Webhook) => KillAsync(system.WebhookProcess, system.StartWebhookAsync, fault, cancellationToken),
        (FaultKind.Kill, Target.Model) => KillAsync(system.ModelProcess, system.StartModelAsync, fault, cancellationToken),
        (FaultKind.Kill, _) => KillAsync(system.RedisProcess, system.StartRedisAsync, fault, cancellationToken),
        (FaultKind.Freeze, _) => FreezeAsync(fault, cancellationToken),
        (FaultKind.Reset, _) => Each(fault, way => way.Reset()),
        (FaultKind.HalfClose, _) => Each(fault, way => way.HalfClose()),
        (FaultKind.BlackHole, _) => WeatherAsync(fault, new Weather { BlackHole = true }, cancellationToken),
        (FaultKind.Latency, _) => WeatherAsync(fault, Slow, cancellationToken),
        _ => WeatherAsync(fault, Dripping, cancellationToken),
    };

    private async Task KillBridgeAsync(CancellationToken cancellationToken)
    {
        var bridge = system.Bridges.Serving[0];
        system.Bridges.Remove(bridge);
        await bridge.Process.KillAsync();
        await system.StartBridgeAsync(cancellationToken);
    }

    private async Task StopBridgeAsync(CancellationToken cancellationToken)
    {
        var bridge = system.Bridges.Serving[0];
        await system.StartBridgeAsync(cancellationToken);
        system.Bridges.Remove(bridge);
        bridge.Process.Signal("TERM");
        _draining.Add(bridge.Process.WaitForExitAsync(CancellationToken.None));
    }

    private async Task KillAsync(ChildProcess process, Func<CancellationToken, Task> start, Fault fault, CancellationToken cancellationToken)
    {
        await process.KillAsync();
        await Task.Delay(fault.Duration, time, cancellationToken);
        await start(cancellationToken);
    }

    private async Task FreezeAsync(Fault fault, CancellationToken cancellationToken)
    {
        system.RedisProcess.Signal("STOP");
        try
        {
            await Task.Delay(fault.Duration, time, cancellationToken);
        }
        finally
        {
            system.RedisProcess.Signal("CONT");
        }
    }

    private async Task WeatherAsync(Fault fault, Weather weather, CancellationToken cancellationToken)
    {
        await Each(fault, way => way.Weather = weather);
        try
        {
            await Task.Delay(fault.Duration, time, cancellationToken);
        }
        finally
        {
            await Each(fault, way => way.Weather = Weather.Fair);
        }
    }

    private Task Each(Fault fault, Action<ChaosProxy> action)
    {
        var ways = fault.Target switch
        {
            Target.Model => [system.Model],
            Target.Redis => [system.Redis],
            _ => fault.Phones.Select(phone => system.Callers[phone]),
        };
        foreach (var way in ways)
        {
            action(way);
        }

        return Task.CompletedTask;
    }
}

/// <param name="Fault">As drawn.</param>
/// <param name="From">When it began, since the calls did.</param>
/// <param name="To">When it was over; what was killed listens again.</param>
internal sealed record InjectedFault(Fault Fault, TimeSpan From, TimeSpan To);
