using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.AppHost;

/// <summary>What makes the two services reachable for Twilio: Cloudflare's tunnel, in a container or as a program of this machine.</summary>
internal static partial class CloudflareTunnel
{
    /// <summary>What the dashboard calls the link to the host that Twilio knows.</summary>
    public const string PublicAddressName = "Public address";

    private const string Program = "cloudflared";
    private const string Tag = "2026.8.2";
    private const string ConfigFolder = "/etc/cloudflared";
    private const string ConfigFile = "config.yml";
    private const string Metrics = "metrics";
    private const int MetricsPort = 2000;

    /// <summary>The tunnel's container: a quick tunnel under a random name of trycloudflare.com; or a named one.</summary>
    /// <param name="builder">Where the tunnel is added.</param>
    /// <param name="name">The resource's.</param>
    /// <param name="webhook">Answers everything but the media streams.</param>
    /// <param name="bridge">Takes the media streams.</param>
    /// <param name="named">A named tunnel's token and its address; null for a quick one.</param>
    public static IResourceBuilder<ContainerResource> AddCloudflareTunnel(
        this IDistributedApplicationBuilder builder, string name, EndpointReference webhook, EndpointReference bridge, NamedTunnel? named) =>
        builder.AddContainer(name, "cloudflare/cloudflared", Tag)
            .WithHttpEndpoint(targetPort: MetricsPort, name: Metrics)
            // What the container refers to is what Aspire lets it reach; the rules below name the same addresses.
            .WithReference(webhook)
            .WithReference(bridge)
            .WithContainerFiles(ConfigFolder, async (context, cancellationToken) =>
            [
                new ContainerFile { Name = ConfigFile, Contents = await RulesAsync(context.Model, webhook, bridge, named, cancellationToken) },
            ])
            .WithArgs("tunnel", "--config", $"{ConfigFolder}/{ConfigFile}", "--metrics", $"0.0.0.0:{MetricsPort}")
            .AsTunnel(webhook, named);

    /// <summary>The same with the program that is installed on this machine.</summary>
    /// <inheritdoc cref="AddCloudflareTunnel" path="/param"/>
    /// <param name="program">Its path.</param>
    public static IResourceBuilder<ExecutableResource> AddCloudflareTunnelProgram(
        this IDistributedApplicationBuilder builder, string name, string program, EndpointReference webhook, EndpointReference bridge, NamedTunnel? named)
    {
        var tunnel = builder.AddExecutable(name, program, builder.AppHostDirectory);
        return tunnel
            .WithHttpEndpoint(name: Metrics)
            .WithArgs(async context =>
            {
                using var rules = new MemoryStream(Encoding.UTF8.GetBytes(await RulesAsync(context.Resource, webhook, bridge, named, context.CancellationToken)));
                var config = context.ExecutionContext.Services.GetRequiredService<IAspireStore>().GetFileNameWithContent($"{name}.yml", rules);
                foreach (var argument in new object[]
                {
                    "tunnel", "--no-autoupdate", "--config", config,
                    "--metrics", ReferenceExpression.Create($"127.0.0.1:{tunnel.GetEndpoint(Metrics).Property(EndpointProperty.TargetPort)}"),
                })
                {
                    context.Args.Add(argument);
                }
            })
            .AsTunnel(webhook, named);
    }

    /// <returns>Where the program is on this machine; null where it is not on the PATH.</returns>
    public static string? FindProgram(IConfiguration environment) =>
        (environment["PATH"] ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? $"{Program}.exe" : Program))
            .FirstOrDefault(File.Exists);

    /// <param name="noContainers">Why it cannot run in one.</param>
    /// <param name="isNamed">Whether the user has a tunnel, and lacks but the program.</param>
    public static Notice HowToGetIt(string noContainers, bool isNamed) => new(
        "No public address",
        $"Twilio cannot reach this machine yet: {noContainers}, and {Program} is not on the PATH. The phone works all the same. "
        + $"For calls from a real number, start Docker or Podman, or install {Program}{(isNamed ? "" : ", or set PUBLIC_URL")}, and start again.")
    {
        LinkText = $"Get {Program}",
        LinkUrl = "https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/downloads/",
    };

    /// <summary>Waits for the tunnel, and gives the service PUBLIC_URL from it.</summary>
    public static IResourceBuilder<ProjectResource> WithPublicAddress(this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResource> tunnel)
    {
        var address = tunnel.Resource.Address();
        address.Users.Add(service.Resource);
        // One host for both services: a bridge's own, which the services would find in .env, is another system's.
        return service.WithEnvironment("PUBLIC_URL", address).WithEnvironment("STREAM_URL", "").WaitFor(tunnel);
    }

    /// <summary>The one host behind which both services stand.</summary>
    public static PublicAddress Address(this IResource tunnel) => tunnel.Annotations.OfType<PublicAddress>().Single();

    private static IResourceBuilder<T> AsTunnel<T>(this IResourceBuilder<T> tunnel, EndpointReference webhook, NamedTunnel? named)
        where T : IResourceWithArgs, IResourceWithEndpoints, IResourceWithEnvironment, IResourceWithWaitSupport
    {
        tunnel.ApplicationBuilder.Services.AddHttpClient();
        tunnel.WithAnnotation(new PublicAddress())
            .WithHttpHealthCheck("/ready", endpointName: Metrics)
            .WithIconName("CloudLink")
            .WithUrlForEndpoint(Metrics, url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
            .WithUrl("https://console.twilio.com/us1/develop/phone-numbers/manage/incoming", "Twilio's numbers")
            .ExplainMissingTunnel(named is null
                ? "Cloudflare gives quick tunnels out without any promise: try again later, or set PUBLIC_URL."
                : $"Most likely {named.Token.Name} is not the tunnel's: `cloudflared tunnel token NAME` prints it.")
            .OnResourceReady((_, ready, cancellationToken) => AnnounceAsync(tunnel, named?.PublicUrl, ready.Services, cancellationToken));
        return named is null
            // --url is what asks for a quick tunnel; the rules in the file win over it (cloudflared's ingress.ParseIngressFromConfigAndCLI).
            ? tunnel.WithArgs("--url", webhook)
            // Not as an argument, which everybody on the machine can read.
            : tunnel.WithArgs("run").WithEnvironment("TUNNEL_TOKEN", named.Token.Parameter!);
    }

    // Everything else of the two services is nobody's business. The tunnel passes the public address's path on.
    internal static string Rules(string webhook, string bridge, string basePath = "") =>
        $"""
        ingress:
          - path: ^{Regex.Escape(basePath)}/media-stream$
            service: {bridge}
          - path: ^{Regex.Escape(basePath)}/(incoming-call|stream-ended/[1-9](/rescue)?|stream-status/[1-9]|health|alive)$
            service: {webhook}
          - service: http_status:404

        """;

    private static async Task<string> RulesAsync(
        IResource tunnel, EndpointReference webhook, EndpointReference bridge, NamedTunnel? named, CancellationToken cancellationToken)
    {
        var url = named is null ? "" : await named.PublicUrl.ReadAsync(cancellationToken);
        return Rules(await SeenFrom(tunnel, webhook), await SeenFrom(tunnel, bridge), Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.AbsolutePath.TrimEnd('/') : "");
    }

    private static async Task<string> SeenFrom(IResource tunnel, EndpointReference endpoint) =>
        await endpoint.GetValueAsync(new ValueProviderContext { Caller = tunnel })
        ?? throw new InvalidOperationException($"{endpoint.Resource.Name} has no address.");

    private static async Task AnnounceAsync<T>(
        IResourceBuilder<T> tunnel, Setting? given, IServiceProvider services, CancellationToken cancellationToken) where T : IResourceWithEndpoints
    {
        var resource = tunnel.Resource;
        var address = resource.Address();
        var before = address.Url;
        var url = given is null
            ? await AskAsync(tunnel.GetEndpoint(Metrics), services, cancellationToken)
            : (await given.ReadAsync(cancellationToken)).TrimEnd('/');
        address.Set(url);
        await services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(resource, snapshot => snapshot with
        {
            Urls =
            [
                .. snapshot.Urls.Where(known => known.DisplayProperties.DisplayName != PublicAddressName),
                new UrlSnapshot(null, url, IsInternal: false) { DisplayProperties = new(PublicAddressName, 100) },
            ],
        });

        if (before is null || before == url)
        {
            return;
        }

        LogMoved(
            services.GetRequiredService<ResourceLoggerService>().GetLogger(resource), url, before, string.Join(", ", address.Users.Select(user => user.Name)));
        var commands = services.GetRequiredService<ResourceCommandService>();
        // In their order, as the last waits for the others: one that finds them stopped may give up instead.
        foreach (var user in address.Users)
        {
            await commands.ExecuteCommandAsync(user, KnownResourceCommands.RestartCommand, cancellationToken);
        }
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

/// <summary>A tunnel whose host stays the same.</summary>
/// <param name="Token">Cloudflare's, which names the tunnel and opens it.</param>
/// <param name="PublicUrl">The address that leads to it.</param>
internal sealed record NamedTunnel(Setting Token, Setting PublicUrl);
