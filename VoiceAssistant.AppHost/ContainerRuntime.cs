using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.AppHost;

/// <summary>Says what to do where containers cannot run: without this, everything just waits for them.</summary>
internal static partial class ContainerRuntime
{
    // Not a hosted service: those start when the containers have, and here they do not.
    public static void ExplainMissingContainerRuntime(this IDistributedApplicationBuilder builder, IResourceBuilder<IResource> container) =>
        builder.Eventing.Subscribe<BeforeStartEvent>((starting, cancellationToken) =>
        {
            var stopping = starting.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            _ = WatchAsync(
                starting.Services.GetRequiredService<ResourceNotificationService>(),
                container.Resource.Name,
                starting.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ContainerRuntime)),
                stopping);
            return Task.CompletedTask;
        });

    private static async Task WatchAsync(ResourceNotificationService resources, string container, ILogger logger, CancellationToken stopping)
    {
        try
        {
            await resources.WaitForResourceAsync(container, KnownResourceStates.RuntimeUnhealthy, stopping);
            LogMissing(logger);
        }
        catch (OperationCanceledException)
        {
            // It was there.
        }
    }

    [LoggerMessage(1, LogLevel.Error,
        "No container runtime answers, so redis and cloudflared cannot start and the services wait for them: start Docker or Podman, or run 'dotnet run -c Release --project VoiceAssistant.Local', which needs none.",
        EventName = "NoContainerRuntime")]
    private static partial void LogMissing(ILogger logger);
}
