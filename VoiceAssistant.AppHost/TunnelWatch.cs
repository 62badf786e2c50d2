using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.AppHost;

/// <summary>Says why the services wait where the tunnel does not come up: without this, they just do.</summary>
internal static partial class TunnelWatch
{
    // Cloudflare's edge takes a tunnel within seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    public static IResourceBuilder<CloudflareTunnel> ExplainMissingTunnel(this IResourceBuilder<CloudflareTunnel> tunnel, string likelyCause)
    {
        tunnel.ApplicationBuilder.Eventing.Subscribe<BeforeStartEvent>((starting, cancellationToken) =>
        {
            var services = starting.Services;
            var log = services.GetRequiredService<ResourceLoggerService>().GetLogger(tunnel.Resource);
            var console = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(TunnelWatch));
            _ = WatchAsync(
                services.GetRequiredService<ResourceNotificationService>(),
                tunnel.Resource,
                likelyCause,
                Patience,
                [log, console],
                services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            return Task.CompletedTask;
        });
        return tunnel;
    }

    /// <summary>Tells once of each time that it fails, until it is tried again.</summary>
    internal static async Task WatchAsync(
        ResourceNotificationService resources, CloudflareTunnel tunnel, string likelyCause, TimeSpan patience, ILogger[] logs, CancellationToken stopping)
    {
        var waiting = string.Join(", ", tunnel.Users.Select(user => user.Name));
        try
        {
            while (true)
            {
                var found = await UntilAsync(snapshot => IsRunning(snapshot) || HasFailed(snapshot), stopping);
                if (IsRunning(found))
                {
                    found = await UntilSettledAsync();
                }

                if (HasFailed(found))
                {
                    Tell(log => LogFailed(log, tunnel.Name, found.ExitCode is { } code ? $"exit code {code}" : found.State!.Text, waiting, likelyCause));
                    await UntilAsync(snapshot => !HasFailed(snapshot), stopping);
                }
                else
                {
                    await UntilAsync(snapshot => !IsConnected(snapshot), stopping);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The AppHost ends.
        }

        async Task<CustomResourceSnapshot> UntilAsync(Func<CustomResourceSnapshot, bool> isMet, CancellationToken cancellationToken) =>
            (await resources.WaitForResourceAsync(tunnel.Name, change => isMet(change.Snapshot), cancellationToken)).Snapshot;

        async Task<CustomResourceSnapshot> UntilSettledAsync()
        {
            // Whatever ends the wait for a connection: it is there, or the container is not.
            var settled = UntilAsync(snapshot => IsConnected(snapshot) || !IsRunning(snapshot), stopping);
            if (await Task.WhenAny(settled, Task.Delay(patience, stopping)) != settled)
            {
                stopping.ThrowIfCancellationRequested();
                Tell(log => LogNotConnected(log, tunnel.Name, patience.TotalSeconds, waiting, likelyCause));
            }

            return await settled;
        }

        void Tell(Action<ILogger> tell) => Array.ForEach(logs, tell);
    }

    private static bool IsRunning(CustomResourceSnapshot snapshot) => snapshot.State?.Text == KnownResourceStates.Running;

    private static bool IsConnected(CustomResourceSnapshot snapshot) => IsRunning(snapshot) && snapshot.HealthStatus is HealthStatus.Healthy;

    // Exit code 0 is the end that somebody asked for.
    private static bool HasFailed(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text == KnownResourceStates.FailedToStart
        || (snapshot.State?.Text == KnownResourceStates.Exited && snapshot.ExitCode is not (null or 0));

    [LoggerMessage(1, LogLevel.Error, "{Tunnel} has stopped ({How}), and {Waiting} wait for it: its log says why. {LikelyCause}", EventName = "TunnelFailed")]
    private static partial void LogFailed(ILogger logger, string tunnel, string how, string waiting, string likelyCause);

    [LoggerMessage(2, LogLevel.Error, "{Tunnel} is not connected after {Seconds:0} s, and {Waiting} wait for it: its log says why. {LikelyCause}", EventName = "TunnelNotConnected")]
    private static partial void LogNotConnected(ILogger logger, string tunnel, double seconds, string waiting, string likelyCause);
}
