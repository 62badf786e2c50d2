using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.AppHost;

/// <summary>Says what to do where containers cannot run: without this, everything just waits for them.</summary>
internal sealed partial class ContainerRuntime(ResourceNotificationService resources, ILogger<ContainerRuntime> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await resources.WaitForResourceAsync("redis", KnownResourceStates.RuntimeUnhealthy, stoppingToken);
        LogMissing();
    }

    [LoggerMessage(1, LogLevel.Error,
        "No container runtime answers, so redis and cloudflared cannot start and the services wait for them: start Docker or Podman, or run 'dotnet run -c Release --project VoiceAssistant.Local', which needs none.",
        EventName = "NoContainerRuntime")]
    private partial void LogMissing();
}
