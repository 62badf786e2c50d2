using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>Beats ten times a second, and notices where that is late: the process lacks processor time, or something blocks its threads.</summary>
internal sealed partial class Heartbeat(TimeProvider time, IMeterFactory meters, ILogger<Heartbeat> logger) : BackgroundService, IHealthCheck
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Histogram<double> _measured = meters.Create(Tracing.Name).CreateHistogram(
        "va.loop.lateness", "s", "How late timers run: the process lacks processor time, or something blocks its threads.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2] });

    // Not from the construction on: there is no beat until the service starts.
    private volatile Lateness? _lateness;

    /// <summary>Whether another call would not be heard well. Those that run go on as well as they can.</summary>
    public bool IsLate => _lateness?.IsLasting is true;

    /// <remarks>Degraded, as with <see cref="DrainSwitch"/>.</remarks>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsLate ? HealthCheckResult.Degraded("Timers run late; there is no room for new calls.") : HealthCheckResult.Healthy());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wasLate = false;
        var lateness = _lateness = new Lateness(Interval, time);
        try
        {
            while (true)
            {
                await Task.Delay(Interval, time, stoppingToken);
                var late = lateness.Beat();
                _measured.Record(late.TotalSeconds);
                if (IsLate != wasLate)
                {
                    wasLate = !wasLate;
                    LogChange(wasLate, late);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    private void LogChange(bool isLate, TimeSpan late)
    {
        if (isLate)
        {
            LogLate((long)late.TotalMilliseconds);
        }
        else
        {
            LogInTime();
        }
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Timers have been running late for 5 s, now by {Milliseconds} ms: this machine is too slow for its calls. A webhook that asks for room is told that there is none.", EventName = "Late")]
    private partial void LogLate(long milliseconds);

    [LoggerMessage(2, LogLevel.Information, "Timers run in time again: there is room for new calls.", EventName = "InTime")]
    private partial void LogInTime();
}
