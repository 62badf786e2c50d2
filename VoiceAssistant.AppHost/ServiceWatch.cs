using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.AppHost;

/// <summary>Says in the console that a service has stopped by itself, as over a wrong setting: all that is seen there otherwise is that nothing happens.</summary>
internal static partial class ServiceWatch
{
    public static void WatchServices(this IDistributedApplicationBuilder builder) => builder.Eventing.Subscribe<BeforeStartEvent>((starting, cancellationToken) =>
    {
        var services = starting.Services;
        _ = WatchAsync(
            services.GetRequiredService<ResourceNotificationService>(),
            services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServiceWatch)),
            services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        return Task.CompletedTask;
    });

    /// <summary>Tells once of each time that one fails, until it is started again.</summary>
    internal static async Task WatchAsync(ResourceNotificationService resources, ILogger logger, CancellationToken stopping)
    {
        var failed = new HashSet<string>();
        try
        {
            await foreach (var change in resources.WatchAsync(stopping))
            {
                if (change.Resource is not ProjectResource)
                {
                    continue;
                }

                if (!change.Snapshot.HasFailed())
                {
                    failed.Remove(change.ResourceId);
                }
                else if (failed.Add(change.ResourceId))
                {
                    LogFailed(logger, change.Resource.Name, change.Snapshot.ExitCode is { } code ? $"exit code {code}" : KnownResourceStates.FailedToStart);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The AppHost ends.
        }
    }

    /// <summary>Whether it ended without being asked to: exit code 0 is the end that somebody asked for.</summary>
    public static bool HasFailed(this CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text == KnownResourceStates.FailedToStart
        || (KnownResourceStates.TerminalStates.Contains(snapshot.State?.Text) && snapshot.ExitCode is not (null or 0));

    [LoggerMessage(1, LogLevel.Error, "{Service} has stopped ({How}): its log in the dashboard says why.", EventName = "ServiceFailed")]
    private static partial void LogFailed(ILogger logger, string service, string how);
}
