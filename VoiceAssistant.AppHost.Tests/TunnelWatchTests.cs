using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>A tunnel that does not come up is told of, as the services wait for it.</summary>
[Collection(nameof(Orchestrator))]
public sealed class TunnelWatchTests : IDisposable
{
    private const string Waiting = "webhook, mediabridge, phone wait for it: its log says why.";
    private const string LikelyCause = "Most likely CLOUDFLARE_TUNNEL_TOKEN is not the tunnel's: `cloudflared tunnel token NAME` prints it.";

    private readonly LogRecorder _log = new();

    [Fact]
    public async Task NamedTunnel_IsToldOf_UntilItsTokenIsRight()
    {
        ContainerEngine.RequireStandIn();
        using var timeout = Orchestrator.Timeout();
        await using var builder = await Model.RunAsync(("CLOUDFLARE_TUNNEL_TOKEN", "set below"), ("PUBLIC_URL", "https://voice.example"));
        var token = "not-a-token";
        builder.CreateResourceBuilder(builder.Find<ContainerResource>("cloudflared")).WithEnvironment("TUNNEL_TOKEN", () => token);
        builder.Services.AddLogging(logging => logging.AddProvider(_log));
        await using var app = await builder.StartAsync(timeout.Token);
        var tunnel = app.Find<ContainerResource>("cloudflared");

        await app.ResourceNotifications.WaitForResourceAsync(tunnel.Name, KnownResourceStates.Exited, timeout.Token);
        var sentence = $"cloudflared has stopped (exit code 255), and {Waiting} {LikelyCause}";
        await _log.WaitForAsync($"TunnelWatch[TunnelFailed] {sentence}");
        await foreach (var lines in app.Services.GetRequiredService<ResourceLoggerService>().WatchAsync(tunnel).WithCancellation(timeout.Token))
        {
            if (lines.Any(line => line.Content.Contains(sentence, StringComparison.Ordinal)))
            {
                break;
            }
        }

        // As the product's, but for the patience.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token);
        var watch = TunnelWatch.WatchAsync(app.ResourceNotifications, tunnel, LikelyCause, TimeSpan.FromMilliseconds(100), [_log.CreateLogger("Impatient")], stopping.Token);
        await RestartAsync(Token("00000000-0000-0000-0000-000000000002"));
        await _log.WaitForAsync($"Impatient[TunnelNotConnected] cloudflared is not connected after 0 s, and {Waiting} {LikelyCause}");

        // The one that the stand-in knows.
        await RestartAsync(Token("00000000-0000-0000-0000-000000000001"));
        await app.ResourceNotifications.WaitForResourceAsync(tunnel.Name, change => change.Snapshot.HealthStatus == HealthStatus.Healthy, timeout.Token);
        Assert.Equal("https://voice.example", await tunnel.Address().GetValueAsync(timeout.Token));
        await stopping.CancelAsync();
        await watch;

        async Task RestartAsync(string another)
        {
            token = another;
            var restart = await app.ResourceCommands.ExecuteCommandAsync(tunnel.Name, KnownResourceCommands.RestartCommand, timeout.Token);
            Assert.True(restart.Success, restart.Message);
        }
    }

    [Fact]
    public async Task Tunnel_IsToldOf_OnceForEachTimeThatItFails()
    {
        await using var app = Build();
        var tunnel = app.Find<IResource>("cloudflared");
        using var stopping = new CancellationTokenSource(TestTimeout.Value);
        var watch = TunnelWatch.WatchAsync(app.ResourceNotifications, tunnel, "Perhaps.", TestTimeout.Value, [_log.CreateLogger("Watch")], stopping.Token);

        await PublishAsync(KnownResourceStates.Running);
        // Stopped by hand.
        await PublishAsync(KnownResourceStates.Exited, exitCode: 0);
        await PublishAsync(KnownResourceStates.Exited, exitCode: 1);
        await PublishAsync(KnownResourceStates.Exited, exitCode: 1);
        await PublishAsync(KnownResourceStates.Starting);
        await PublishAsync(KnownResourceStates.FailedToStart);
        await _log.WaitForAsync($"cloudflared has stopped (FailedToStart), and {Waiting} Perhaps.");

        await stopping.CancelAsync();
        await watch;
        Assert.Equal(
            ["exit code 1", "FailedToStart"],
            _log.All.Select(line => line.Values.First(value => value.Key == "How").Value));

        Task PublishAsync(string state, int? exitCode = null) =>
            app.ResourceNotifications.PublishUpdateAsync(tunnel, snapshot => snapshot with { State = state, ExitCode = exitCode });
    }

    [Fact]
    public async Task Service_IsToldOf_WhenItStopsByItself()
    {
        await using var app = Build();
        using var stopping = new CancellationTokenSource(TestTimeout.Value);
        var watch = ServiceWatch.WatchAsync(app.ResourceNotifications, _log.CreateLogger("Watch"), stopping.Token);

        await PublishAsync("webhook", KnownResourceStates.Finished, exitCode: 0);
        await PublishAsync("webhook", KnownResourceStates.Running);
        await PublishAsync("webhook", KnownResourceStates.Finished, exitCode: 1);
        await PublishAsync("webhook", KnownResourceStates.Finished, exitCode: 1);
        await PublishAsync("redis", KnownResourceStates.Exited, exitCode: 1);
        await PublishAsync("phone", KnownResourceStates.FailedToStart);
        await _log.WaitForAsync("phone has stopped (FailedToStart): its log in the dashboard says why.");

        await stopping.CancelAsync();
        await watch;
        Assert.Equal(["webhook", "phone"], _log.All.Select(line => line.Values.First(value => value.Key == "Service").Value));

        Task PublishAsync(string name, string state, int? exitCode = null) =>
            app.ResourceNotifications.PublishUpdateAsync(app.Find<IResource>(name), snapshot => snapshot with { State = state, ExitCode = exitCode });
    }

    public void Dispose() => _log.Dispose();

    // Nothing of it is started, so it need not be the tests' host.
    private static DistributedApplication Build()
    {
        var builder = DistributedApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(
        [
            new("USE_CONTAINERS", "true"), new("PUBLIC_URL", ""), new("CLOUDFLARE_TUNNEL_TOKEN", ""), new("MEDIABRIDGE_REPLICAS", ""), new("DcpPublisher:RandomizePorts", "true"),
        ]);
        builder.AddVoiceAssistant();
        return builder.Build();
    }

    private static string Token(string tunnel) => Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"a":"account","t":"{{tunnel}}","s":"c2VjcmV0"}"""));
}
