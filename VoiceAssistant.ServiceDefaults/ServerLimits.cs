using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace VoiceAssistant;

/// <summary>How much of a server a stranger can have. Twilio's largest request is some 4 KB, in one piece.</summary>
internal static class ServerLimits
{
    public static void AddServerLimits(this IHostApplicationBuilder builder) => builder.Services.Configure<KestrelServerOptions>(kestrel =>
    {
        // Plaintext behind the proxy that ends TLS: Kestrel speaks nothing newer there, and would warn of it at every start.
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);

        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = 32 * 1024;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 50;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        // Also before the first request. A proxy opens another connection in no time; a stranger's would stand for 130 s in the way of calls.
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(5);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        // A connection that has become a WebSocket counts no longer: calls have a limit of their own.
        limits.MaxConcurrentConnections = 500;
    });
}
