using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>Once on, the calls that run go on and no new one is taken, until the process ends.</summary>
internal sealed partial class DrainSwitch(StreamGates gates, ILogger<DrainSwitch> logger) : IHealthCheck
{
    private bool _isOn;

    public bool IsOn => Volatile.Read(ref _isOn);

    public void TurnOn()
    {
        if (!Interlocked.Exchange(ref _isOn, true))
        {
            LogTurnedOn(gates.Calls);
        }
    }

    /// <remarks>Degraded, as nothing is broken: the log gets no error for it at every probe.</remarks>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsOn ? HealthCheckResult.Degraded("No new calls are taken.") : HealthCheckResult.Healthy());

    [LoggerMessage(1, LogLevel.Information, "Draining: {Calls} calls run, and no new one is taken.", EventName = "TurnedOn")]
    private partial void LogTurnedOn(int calls);
}
