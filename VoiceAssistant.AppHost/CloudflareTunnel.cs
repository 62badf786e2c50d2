using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.AppHost;

/// <summary>The container that makes the two services reachable for Twilio.</summary>
internal sealed class CloudflareTunnel(string name) : ContainerResource(name)
{
    /// <summary>The one host behind which both services stand.</summary>
    public PublicAddress Address { get; } = new();

    /// <summary>Who is told the address when it starts.</summary>
    public List<IResource> Users { get; } = [];
}

internal static partial class CloudflareTunnelExtensions
{
    private const string Tag = "2026.8.2";
    private const string ConfigFolder = "/etc/cloudflared";
    private const string ConfigFile = "config.yml";
    private const string Metrics = "metrics";
    private const int MetricsPort = 2000;

    /// <summary>A quick tunnel under a random name of trycloudflare.com; or a named one.</summary>
    /// <param name="builder">Where the tunnel is added.</param>
    /// <param name="name">The resource's.</param>
    /// <param name="webhook">Answers everything but the media streams.</param>
    /// <param name="bridge">Takes the media streams.</param>
    /// <param name="named">A named tunnel's token and its address; null for a quick one.</param>
    public static IResourceBuilder<CloudflareTunnel> AddCloudflareTunnel(
        this IDistributedApplicationBuilder builder, string name, EndpointReference webhook, EndpointReference bridge, (Setting Token, Setting PublicUrl)? named)
    {
        var tunnel = builder.AddResource(new CloudflareTunnel(name))
            .WithImage("cloudflare/cloudflared", Tag)
            .WithHttpEndpoint(targetPort: MetricsPort, name: Metrics)
            .WithHttpHealthCheck("/ready", endpointName: Metrics)
            .WithUrlForEndpoint(Metrics, url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
            // What the container refers to is what Aspire lets it reach; the rules below name the same addresses.
            .WithReference(webhook)
            .WithReference(bridge)
            .WithContainerFiles(ConfigFolder, async (context, cancellationToken) =>
            [
                new ContainerFile { Name = ConfigFile, Contents = Rules(await SeenFrom(context.Model, webhook), await SeenFrom(context.Model, bridge)) },
            ])
            .WithArgs("tunnel", "--config", $"{ConfigFolder}/{ConfigFile}", "--metrics", $"0.0.0.0:{MetricsPort}");

        builder.Services.AddHttpClient();
        return (named is null
                // --url is what asks for a quick tunnel; the rules in the file win over it (cloudflared's ingress.ParseIngressFromConfigAndCLI).
                ? tunnel.WithArgs("--url", webhook)
                // Not as an argument, which everybody on the machine can read.
                : tunnel.WithArgs("run").WithEnvironment("TUNNEL_TOKEN", named.Value.Token.Parameter!))
            .OnResourceReady((_, ready, cancellationToken) => AnnounceAsync(tunnel, named?.PublicUrl, ready.Services, cancellationToken));
    }

    /// <summary>Waits for the tunnel, and gives the service PUBLIC_URL from it.</summary>
    public static IResourceBuilder<ProjectResource> WithPublicAddress(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<CloudflareTunnel> tunnel)
    {
        tunnel.Resource.Users.Add(service.Resource);
        // One host for both services: a bridge's own, which the services would find in .env, is another system's.
        return service.WithEnvironment("PUBLIC_URL", tunnel.Resource.Address).WithEnvironment("STREAM_URL", "").WaitFor(tunnel);
    }

    // Everything else of the two services is nobody's business.
    internal static string Rules(string webhook, string bridge) =>
        $"""
        ingress:
          - path: ^/media-stream$
            service: {bridge}
          - path: ^/(incoming-call|stream-ended/[1-9](/rescue)?|stream-status/[1-9]|health|alive)$
            service: {webhook}
          - service: http_status:404

        """;

    private static async Task<string> SeenFrom(IResource container, EndpointReference endpoint) =>
        await endpoint.GetValueAsync(new ValueProviderContext { Caller = container })
        ?? throw new InvalidOperationException($"{endpoint.Resource.Name} has no address.");

    private static async Task AnnounceAsync(
        IResourceBuilder<CloudflareTunnel> tunnel, Setting? given, IServiceProvider services, CancellationToken cancellationToken)
    {
        var resource = tunnel.Resource;
        var before = resource.Address.Url;
        var url = given is null
            ? await AskAsync(tunnel.GetEndpoint(Metrics), services, cancellationToken)
            : (await given.ReadAsync(cancellationToken)).TrimEnd('/');
        resource.Address.Set(url);
        await services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(resource, snapshot => snapshot with
        {
            Urls = [.. snapshot.Urls.Where(known => known.Name is not null), new UrlSnapshot(null, url, IsInternal: false) { DisplayProperties = new("Public address", 100) }],
        });

        if (before is null || before == url)
        {
            return;
        }

        LogMoved(
            services.GetRequiredService<ResourceLoggerService>().GetLogger(resource), url, before, string.Join(", ", resource.Users.Select(user => user.Name)));
        var commands = services.GetRequiredService<ResourceCommandService>();
        await Task.WhenAll(resource.Users.Select(user => commands.ExecuteCommandAsync(user, KnownResourceCommands.RestartCommand, cancellationToken)));
    }

    private static async Task<string> AskAsync(EndpointReference metrics, IServiceProvider services, CancellationToken cancellationToken)
    {
        using var http = services.GetRequiredService<IHttpClientFactory>().CreateClient();
        var quick = await http.GetFromJsonAsync<QuickTunnel>($"{metrics.Url}/quicktunnel", cancellationToken);
        return quick is { Hostname.Length: > 0 }
            ? $"https://{quick.Hostname}"
            : throw new InvalidDataException("cloudflared is ready but has no public host; its log says why.");
    }

    [LoggerMessage(1, LogLevel.Warning,
        "The tunnel came back as {Url}, not {Before}: {Services} start again with it, and Twilio must be pointed there anew.", EventName = "TunnelMoved")]
    private static partial void LogMoved(ILogger logger, string url, string before, string services);

    private sealed record QuickTunnel([property: JsonPropertyName("hostname")] string Hostname);
}
