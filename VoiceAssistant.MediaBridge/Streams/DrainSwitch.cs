using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>Once on, the calls that run go on and no new one is taken, until the process ends.</summary>
internal sealed class DrainSwitch : IHealthCheck
{
    private volatile bool _isOn;

    public bool IsOn => _isOn;

    public void TurnOn() => _isOn = true;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_isOn ? HealthCheckResult.Unhealthy("Draining: no new calls are taken.") : HealthCheckResult.Healthy());
}
