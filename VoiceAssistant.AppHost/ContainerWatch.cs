using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace VoiceAssistant.AppHost;

/// <summary>Says so where the container engine stops working while the system runs: all that is seen otherwise is that every service is unhealthy.</summary>
internal static class ContainerWatch
{
    // Nobody waits for the answer, and an engine that is just busy is none that has died.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // An engine that ends still answers while it stops its containers.
    private const int Questions = 3;
    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromSeconds(5);

    public static void WatchContainerEngine(this IDistributedApplicationBuilder builder) => builder.Eventing.Subscribe<BeforeStartEvent>((starting, cancellationToken) =>
    {
        _ = Task.Run(() => TellIfMissing(starting.Services, Ask()), cancellationToken);
        _ = WatchAsync(starting.Services, Ask, BetweenQuestions);
        return Task.CompletedTask;

        ContainerRuntime Ask() => ContainerRuntime.Ask(builder.Configuration, Patience);
    });

    // Where the user has decided that there is one, nobody has asked it yet.
    private static void TellIfMissing(IServiceProvider services, ContainerRuntime engine)
    {
        if (!engine.IsUsable)
        {
            EngineIsMissing(engine.Finding).Tell(services);
        }
    }

    /// <summary>Tells once, as containers do not come back by themselves.</summary>
    internal static async Task WatchAsync(IServiceProvider services, Func<ContainerRuntime> ask, TimeSpan betweenQuestions)
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
                else if (healthy.Remove(container.Name) && await FindGoneAsync() is { } engine)
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

        async Task<ContainerRuntime?> FindGoneAsync()
        {
            for (var question = 1; ; question++)
            {
                if (await Task.Run(ask, stopping) is { IsUsable: false } engine)
                {
                    return engine;
                }

                if (question == Questions)
                {
                    return null;
                }

                await Task.Delay(betweenQuestions, stopping);
            }
        }
    }

    private static Notice EngineIsMissing(string finding) => new(
        "No container engine",
        $"redis and cloudflared wait for a container engine: {finding}. Start it; or leave {ContainerRuntime.Setting} out, and the system starts without containers.")
    {
        IsError = true,
    };

    private static Notice EngineIsGone(string finding) => new(
        "The container engine is gone",
        $"The containers went with their engine: {finding}. Start it, and then the AppHost again; {ContainerRuntime.Setting}=false starts it without containers.")
    {
        IsError = true,
    };
}
