using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>The whole system with Redis and the tunnel in containers, on the orchestrator that a developer has.</summary>
[Collection(nameof(Orchestrator))]
public sealed class ContainerTests(ContainerTests.Running system) : IClassFixture<ContainerTests.Running>
{
    private static readonly string[] Services = ["webhook", "mediabridge", "phone"];

    [Fact]
    public async Task Resources_AreHealthy_RedisAndTheTunnelAsContainers()
    {
        using var timeout = Orchestrator.Timeout();
        var app = await system.StartAsync(timeout.Token);

        foreach (var name in new[] { "redis", "cloudflared" })
        {
            var found = await app.ResourceNotifications.WaitForResourceHealthyAsync(name, timeout.Token);
            Assert.Equal("Container", found.Snapshot.ResourceType);
        }

        var address = app.Find<ContainerResource>("cloudflared").Address().Url;
        Assert.EndsWith(".trycloudflare.com", address, StringComparison.Ordinal);
        await HealthyAsync(app, address!, timeout.Token);
    }

    [Theory]
    [InlineData("GET", "/health", "webhook")]
    [InlineData("POST", "/incoming-call", "webhook")]
    [InlineData("POST", "/stream-ended/1", "webhook")]
    [InlineData("POST", "/stream-ended/9/rescue", "webhook")]
    [InlineData("POST", "/stream-status/2", "webhook")]
    [InlineData("GET", "/media-stream", "mediabridge")]
    [InlineData("GET", "/media-stream/", null)]
    [InlineData("GET", "/phone", null)]
    [InlineData("POST", "/drain", null)]
    [InlineData("GET", "/room", null)]
    [Trait("Proves", "T-S4")]
    public async Task Tunnel_LeadsToTheService_OrNowhere(string method, string path, string? service)
    {
        using var timeout = Orchestrator.Timeout();
        var app = await system.StartAsync(timeout.Token);

        var answer = await AskAsync(await system.EdgeAsync(timeout.Token));

        if (service is null)
        {
            Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        }
        else
        {
            Assert.NotEqual(HttpStatusCode.NotFound, answer.Status);
            Assert.Equal(await AskAsync(app.GetEndpoint(service, "http")), answer);
        }

        async Task<(HttpStatusCode Status, string Text)> AskAsync(Uri host)
        {
            using var http = new HttpClient();
            using var response = await http.SendAsync(new(new(method), new Uri(host, path)), timeout.Token);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(timeout.Token));
        }
    }

    [Fact]
    public async Task Services_StartAgain_AndTakeCalls_WhenTheTunnelComesBackWithAnotherHost()
    {
        using var timeout = Orchestrator.Timeout();
        var app = await system.StartAsync(timeout.Token);
        var before = app.Find<ContainerResource>("cloudflared").Address().Url;

        var restart = await app.ResourceCommands.ExecuteCommandAsync("cloudflared", KnownResourceCommands.RestartCommand, timeout.Token);

        Assert.True(restart.Success, restart.Message);
        var address = await system.AddressAsync(known => known != before, timeout.Token);
        await HealthyAsync(app, address, timeout.Token);
        await app.CallAsync(timeout.Token);
    }

    private static async Task HealthyAsync(DistributedApplication app, string address, CancellationToken cancellationToken)
    {
        foreach (var service in Services)
        {
            var found = await app.ResourceNotifications.WaitForResourceAsync(
                service,
                change => change.Snapshot.State?.Text == KnownResourceStates.FailedToStart
                    || (change.Snapshot.HealthStatus == HealthStatus.Healthy
                        && change.Snapshot.EnvironmentVariables.Any(variable => variable is { Name: "PUBLIC_URL" } && variable.Value == address)),
                cancellationToken);
            Assert.Equal((service, KnownResourceStates.Running), (service, found.Snapshot.State?.Text));
        }
    }

    /// <summary>One system for all of these tests; each finds it healthy, and leaves it so.</summary>
    public sealed class Running : IAsyncDisposable
    {
        private const string Edge = "edge";

        private IDistributedApplicationTestingBuilder? _builder;
        private DistributedApplication? _app;

        public async Task<DistributedApplication> StartAsync(CancellationToken cancellationToken)
        {
            ContainerEngine.Require();
            if (_app is null)
            {
                _builder = await Model.RunAsync();
                // Where the stand-in for cloudflared takes what Cloudflare's edge would send.
                var edge = _builder.CreateResourceBuilder(_builder.Find<ContainerResource>("cloudflared")).WithHttpEndpoint(targetPort: 8080, name: Edge).GetEndpoint(Edge);
                _builder.CreateResourceBuilder(_builder.Find<ProjectResource>("phone")).WithArgs(async context =>
                {
                    if (IsStandIn(await AddressAsync(_ => true, context.CancellationToken)))
                    {
                        context.Args[context.Args.IndexOf("--webhook") + 1] = edge;
                        context.Args[context.Args.IndexOf("--bridge") + 1] = edge;
                    }
                });
                _app = await _builder.StartAsync(cancellationToken);
            }

            foreach (var service in Services)
            {
                await _app.ResourceNotifications.WaitForResourceHealthyAsync(service, cancellationToken);
            }

            return _app;
        }

        public async Task<Uri> EdgeAsync(CancellationToken cancellationToken)
        {
            var address = await AddressAsync(_ => true, cancellationToken);
            return IsStandIn(address) ? _app!.GetEndpoint("cloudflared", Edge) : new(address);
        }

        /// <returns>The public one, as soon as it is such a one.</returns>
        public async Task<string> AddressAsync(Func<string, bool> isMeant, CancellationToken cancellationToken)
        {
            var address = _builder!.Find<ContainerResource>("cloudflared").Address();
            for (var known = await address.GetValueAsync(cancellationToken); ; known = address.Url)
            {
                if (known is not null && isMeant(known))
                {
                    return known;
                }

                await Task.Delay(100, cancellationToken);
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_app is not null)
            {
                await _app.DisposeAsync();
            }

            if (_builder is not null)
            {
                await _builder.DisposeAsync();
            }
        }

        private static bool IsStandIn(string address) => address.StartsWith("https://stand-in-", StringComparison.Ordinal);
    }
}
