using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace VoiceAssistant.AppHost;

/// <summary>Says so where the container engine stops working while the system runs: all that is seen otherwise is that every service is unhealthy.</summary>
internal static class ContainerWatch
{
    // Nobody waits for the answer, and an engine that is just busy is none that has died.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static void WatchContainerEngine(this IDistributedApplicationBuilder builder) => builder.Eventing.Subscribe<BeforeStartEvent>((starting, cancellationToken) =>
    {
        _ = WatchAsync(starting.Services, () => ContainerRuntime.Ask(builder.Configuration, Patience));
        return Task.CompletedTask;
    });

    /// <summary>Tells once, as containers do not come back by themselves.</summary>
    internal static async Task WatchAsync(IServiceProvider services, Func<ContainerRuntime> ask)
    {
        var healthy = new HashSet<string>();
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            await foreach (var change in services.GetRequiredService<ResourceNotificationService>().WatchAsync(stopping))
            {
                if (change.Resource is not ContainerResource container)
                {
                    continue;
                }

                if (change.Snapshot.HealthStatus is HealthStatus.Healthy)
                {
                    healthy.Add(container.Name);
                }
                else if (healthy.Remove(container.Name) && await Task.Run(ask, stopping) is { IsUsable: false } engine)
                {
                    EngineIsGone(engine.Finding).Tell(services);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The AppHost ends.
        }
    }

    private static Notice EngineIsGone(string finding) => new(
        "The container engine is gone",
        $"The containers went with their engine: {finding}. Start it, and then the AppHost again; {ContainerRuntime.Setting}=false starts it without containers.")
    {
        IsError = true,
    };
}
