using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;

namespace VoiceAssistant.Webhook.PublicUrl;

/// <summary>Sees to it that somebody hears of it where PUBLIC_URL leads elsewhere: Twilio's calls do not arrive, so nothing else here would be wrong.</summary>
internal sealed partial class PublicUrlCheck(
    PublicUrlProbe probe, IOptions<TwilioOptions> twilio, IHostEnvironment environment, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<PublicUrlCheck> logger)
    : BackgroundService, IHealthCheck
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private volatile string? _fault;

    /// <remarks>
    /// Never unhealthy, and only told: where a new revision gets its address when it is ready, an address that leads nowhere yet must not keep it from that.
    /// </remarks>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_fault is { } fault ? HealthCheckResult.Degraded($"{TwilioOptions.PublicUrlName} does not lead here: {fault}.") : HealthCheckResult.Healthy());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            if (IsPublic())
            {
                await WatchAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        var wasGood = false;
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            var fault = await probe.FindFaultAsync(stoppingToken);
            // One that was good is asked twice: the network has its moments.
            if (fault is null || !wasGood)
            {
                Tell(fault);
            }

            wasGood = fault is null;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Tell(string? fault)
    {
        if (fault is not null && _fault is null)
        {
            LogWrong(twilio.Value.PublicUrl, fault);
        }
        else if (fault is null && _fault is not null)
        {
            LogRight(twilio.Value.PublicUrl);
        }

        _fault = fault;
    }

    // Before, nobody listens here either.
    private async Task StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }

    private bool IsPublic() => !environment.IsEnvironment("Local") && new Uri(twilio.Value.PublicUrl) is { Scheme: "https", IsLoopback: false };

    [LoggerMessage(1, LogLevel.Error,
        "PUBLIC_URL ({Url}) does not lead here: {Fault}. Twilio's calls do not arrive. Set PUBLIC_URL here to the address that does, and WEBHOOK_URL in the Twilio Function "
        + "(or the number's voice URL) to the same with /incoming-call.", EventName = "PublicUrlWrong")]
    private partial void LogWrong(string url, string fault);

    [LoggerMessage(2, LogLevel.Information, "PUBLIC_URL ({Url}) leads here.", EventName = "PublicUrlRight")]
    private partial void LogRight(string url);
}
