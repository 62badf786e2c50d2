using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using VoiceAssistant.Connections;

namespace VoiceAssistant;

/// <summary>How much of a server a stranger can have. Twilio's largest request is some 4 KB, in one piece.</summary>
internal static class ServerLimits
{
    // A request that begins and does not go on. Kestrel looks once a second.
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(2);

    public static void AddServerLimits(this IHostApplicationBuilder builder)
    {
        builder.AddServerConnections();
        builder.Services.Configure<KestrelServerOptions>(kestrel => Limit(kestrel.Limits));
    }

    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = 32 * 1024;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 50;
        limits.RequestHeadersTimeout = Stalled;
        // Also before the first request. A proxy opens another connection in no time; a stranger's would stand for 130 s in the way of calls.
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(5);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: Stalled);
    }
}
