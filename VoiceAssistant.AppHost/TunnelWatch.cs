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

    public static IResourceBuilder<T> ExplainMissingTunnel<T>(this IResourceBuilder<T> tunnel, string likelyCause) where T : IResource
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
        ResourceNotificationService resources, IResource tunnel, string likelyCause, TimeSpan patience, ILogger[] logs, CancellationToken stopping)
    {
        var waiting = string.Join(", ", tunnel.Address().Users.Select(user => user.Name));
        var hasFailed = false;
        CancellationTokenSource? connecting = null;
        try
        {
            await foreach (var change in resources.WatchAsync(stopping))
            {
                if (change.Resource == tunnel)
                {
                    Look(change.Snapshot);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The AppHost ends.
        }
        finally
        {
            connecting?.Dispose();
        }

        void Look(CustomResourceSnapshot snapshot)
        {
            var isConnecting = snapshot.State?.Text == KnownResourceStates.Running && snapshot.HealthStatus is not HealthStatus.Healthy;
            if (isConnecting != connecting is not null)
            {
                connecting?.Cancel();
                connecting?.Dispose();
                connecting = isConnecting ? CancellationTokenSource.CreateLinkedTokenSource(stopping) : null;
                _ = connecting is null ? null : TellIfItTakesLongAsync(connecting.Token);
            }

            var failsNow = snapshot.HasFailed() && !hasFailed;
            hasFailed = snapshot.HasFailed();
            if (failsNow)
            {
                var how = snapshot.ExitCode is { } code ? $"exit code {code}" : KnownResourceStates.FailedToStart;
                Array.ForEach(logs, log => LogFailed(log, tunnel.Name, how, waiting, likelyCause));
            }
        }

        async Task TellIfItTakesLongAsync(CancellationToken connected)
        {
            await Task.Delay(patience, connected).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!connected.IsCancellationRequested)
            {
                Array.ForEach(logs, log => LogNotConnected(log, tunnel.Name, patience.TotalSeconds, waiting, likelyCause));
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{Tunnel} has stopped ({How}), and {Waiting} wait for it: its log says why. {LikelyCause}", EventName = "TunnelFailed")]
    private static partial void LogFailed(ILogger logger, string tunnel, string how, string waiting, string likelyCause);

    [LoggerMessage(2, LogLevel.Error, "{Tunnel} is not connected after {Seconds:0} s, and {Waiting} wait for it: its log says why. {LikelyCause}", EventName = "TunnelNotConnected")]
    private static partial void LogNotConnected(ILogger logger, string tunnel, double seconds, string waiting, string likelyCause);
}
