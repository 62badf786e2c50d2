using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Configuration;

namespace VoiceAssistant.AppHost;

/// <summary>This machine's own addresses, over which all resources talk with each other.</summary>
internal static class Loopback
{
    // What launchSettings.json sets: where the dashboard, its telemetry and its view of the resources are.
    private static readonly string[] DashboardUrls = ["ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"];

    private static bool IsInTheWay(IPEndPoint listener) =>
        IPAddress.IsLoopback(listener.Address) || listener.Address.Equals(IPAddress.Any) || listener.Address.Equals(IPAddress.IPv6Any);

    /// <summary>HTTP and Redis as they are: for TLS, Aspire would want a trusted development certificate, and complain where there is none.</summary>
    public static IResourceBuilder<T> WithoutTls<T>(this IResourceBuilder<T> resource) where T : IResourceWithEnvironment, IResourceWithArgs =>
#pragma warning disable ASPIRECERTIFICATES001 // Experimental, and the only way to say so.
        resource.WithoutHttpsCertificate();
#pragma warning restore ASPIRECERTIFICATES001

    /// <summary>Looks whether the ports that stand in launch settings are free: the orchestrator would wait for them without a word.</summary>
    /// <exception cref="InvalidDataException">Some are not.</exception>
    public static void CheckPorts(this IDistributedApplicationBuilder builder)
    {
        // As tests do.
        if (builder.Configuration.GetValue<bool>("DcpPublisher:RandomizePorts"))
        {
            return;
        }

        var wanted = DashboardUrls
            .SelectMany(name => (builder.Configuration[name] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
            .Select(url => (Port: Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Port : 0, Of: "the dashboard"))
            .Concat(builder.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>()
                .Select(endpoint => (Port: endpoint.Port ?? 0, Of: resource.Name))));
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(IsInTheWay).Select(listener => listener.Port).ToHashSet();
        var missing = wanted.Where(port => taken.Contains(port.Port)).Select(port => string.Create(CultureInfo.InvariantCulture, $"{port.Port} ({port.Of})")).Distinct().ToArray();
        if (missing is not [])
        {
            throw new InvalidDataException(
                $"In use already: port {string.Join(", ", missing)}. Stop the program that listens there (another AppHost of this system?), "
                + "or choose another port in Properties/launchSettings.json of its project (the phone's stands in VoiceAssistantSystem.cs).");
        }
    }
}
