using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using VoiceAssistant.Calls;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>Where Twilio opens its media streams.</summary>
internal static class StreamEndpoints
{
    public const string MediaStream = "/media-stream";

    // Some servers saw Twilio offer it; one that was not offered must not be echoed.
    private const string SubProtocol = "audio.twilio.com";

    public static IHostApplicationBuilder AddStreams(this IHostApplicationBuilder builder)
    {
        builder.AddCallState();
        builder.Services.AddOptionsWithValidateOnStart<StreamOptions, StreamOptionsValidator>().BindConfiguration("");
        // A frame is passed on in microseconds and nothing here blocks, so handing it to another thread would only cost time.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.Configure<KestrelServerOptions>(kestrel => LimitUpgrades(kestrel, builder.Configuration));
        builder.Services.AddHealthChecks().AddCheck<DrainSwitch>("drain").AddCheck<Heartbeat>("heartbeat");
        builder.Services.AddSingleton<Heartbeat>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Heartbeat>());
        builder.Services.AddSingleton<DrainSwitch>();
        builder.Services.AddSingleton<HandshakeFilter>();
        builder.Services.AddSingleton<StreamGates>();
        builder.Services.AddSingleton<StreamAdmission>();
        builder.Services.AddSingleton<StreamHandler>();

        return builder;
    }

    public static void MapStreams(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments(MediaStream), stream => stream.UseClientAddress());
        app.UseWebSockets();
        app.MapGet(MediaStream, AcceptAsync);
    }

    private static async Task<IResult> AcceptAsync(
        HttpContext context, DrainSwitch drain, HandshakeFilter handshakes, StreamGates gates, StreamHandler handler)
    {
        // Routing forgives a trailing slash and another case; Twilio's signature is for one path only.
        if (context.Request.Path.Value != MediaStream)
        {
            return new Refusal(StatusCodes.Status404NotFound, $"Twilio's signature is for {MediaStream} only, in this case and without a slash at its end.");
        }

        var sockets = context.WebSockets;
        if (!sockets.IsWebSocketRequest)
        {
            return new Refusal(StatusCodes.Status426UpgradeRequired, "A media stream is a WebSocket.");
        }

        if (drain.IsOn)
        {
            return new Refusal(StatusCodes.Status503ServiceUnavailable, "The bridge is draining and takes no more streams.");
        }

        // A browser sends an Origin, Twilio does not, nor a query.
        if (context.Request.Headers.Origin.Count > 0 || context.Request.QueryString.HasValue)
        {
            return new Refusal(StatusCodes.Status403Forbidden, "The handshake has an Origin or a query, and Twilio's has neither.");
        }

        if (!handshakes.LetsIn(context.Request.Headers))
        {
            return new Refusal(
                StatusCodes.Status403Forbidden, "The handshake's signature is not Twilio's for this stream: check TWILIO_AUTH_TOKEN and PUBLIC_URL.");
        }

        // Behind the filter, so that whoever it turns away takes nobody's place.
        using var slot = gates.TryEnter(ClientAddress.Of(context.Connection));
        // Once more: a drain waits for whoever has a place.
        if (slot is null || drain.IsOn)
        {
            return new Refusal(StatusCodes.Status503ServiceUnavailable, "There is no room (MAX_CALLS), or the bridge is draining.");
        }

        using var socket = await sockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = sockets.WebSocketRequestedProtocols.Contains(SubProtocol) ? SubProtocol : null,
            // Not known whether Twilio answers pings; its frames, 50 a second, show that it lives.
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        });
        if (await handler.HandleAsync(socket, slot, context.RequestAborted))
        {
            LeaveToTheCall(context.Features);
        }

        return Results.Empty;
    }

    /// <summary>A request that lasted a call says nothing that the call's own span and metrics do not say better; a refused one is shown.</summary>
    private static void LeaveToTheCall(IFeatureCollection request)
    {
        if (request.Get<IHttpActivityFeature>() is { } tracing)
        {
            tracing.Activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }

        if (request.Get<IHttpMetricsTagsFeature>() is { } metrics)
        {
            metrics.MetricsDisabled = true;
        }
    }

    // Above what the gates let in, as Kestrel answers with a 500; twice the calls, for the phone's own sockets where it runs in this process.
    // Read past the options: Kestrel asks before they are validated, and one fault thrown here would hide all others.
    private static void LimitUpgrades(KestrelServerOptions kestrel, IConfiguration configuration)
    {
        if (configuration.Get<StreamOptions>()?.MaxCalls is { } calls)
        {
            kestrel.Limits.MaxConcurrentUpgradedConnections = (2 * calls) + StreamGates.MaxStrangers(calls);
        }
    }
}
