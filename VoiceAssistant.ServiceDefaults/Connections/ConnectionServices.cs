using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace VoiceAssistant.Connections;

public static class ConnectionServices
{
    /// <summary>The request is worth its connection, which gives way to no other one until it is answered.</summary>
    public static void PinConnection(this HttpContext http) => http.Features.Get<ServerConnection>()?.Pin();

    /// <summary>For all endpoints that are added from here on.</summary>
    internal static void AddServerConnections(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ServerConnections>();
        builder.Services.AddSingleton<IStartupFilter, RequestFilter>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<ServerConnections, IConfiguration>(static (kestrel, connections, settings) => kestrel.ConfigureEndpointDefaults(endpoint =>
        {
            // Plaintext behind the proxy that ends TLS: Kestrel speaks nothing newer there, and would warn of it at every start.
            endpoint.Protocols = HttpProtocols.Http1;
            // No stranger gets the operator's connections closed.
            if (endpoint.IPEndPoint is not { } address || address.Port != settings.Get<ManagementOptions>()?.Number)
            {
                endpoint.Use(next => connection => connections.ServeAsync(connection, next));
            }
        }));
    }

    /// <summary>Before everything else, wherever a service adds what.</summary>
    private sealed class RequestFilter : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(static next => http => http.Features.Get<ServerConnection>() is { } connection ? connection.ServeAsync(http, next) : next(http));
            next(app);
        };
    }
}
