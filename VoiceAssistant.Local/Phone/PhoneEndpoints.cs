using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.FileProviders;

namespace VoiceAssistant.Local.Phone;

/// <summary>The phone in the browser: a page, and a WebSocket for each call. To anyone but this machine it does not exist.</summary>
internal static class PhoneEndpoints
{
    // The page is complete in itself. 'self' includes the WebSocket, script-src the audio worklets.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // A page that answers no ping is gone, and its call with it.
    private static readonly WebSocketAcceptContext Pings = new()
    {
        KeepAliveInterval = TimeSpan.FromSeconds(10),
        KeepAliveTimeout = TimeSpan.FromSeconds(10),
    };

    public static IHostApplicationBuilder AddPhone(this IHostApplicationBuilder builder)
    {
        builder.Services.AddKeyedSingleton(nameof(PhoneCall), (services, _) => services.GetRequiredService<PhoneLine>().CreateHttpClient());
        builder.Services.TryAddSingleton(TimeProvider.System);
        return builder;
    }

    public static void MapPhone(this IApplicationBuilder app)
    {
        var key = app.ApplicationServices.GetService<PhoneKey>();
        app.UseWebSockets();
        app.UseWhen(context => OnThisMachine.Accepts(context) && key?.Opens(context) is not false, phone =>
        {
            phone.UseFileServer(PageFiles());
            phone.Map("/phone/info", info => info.Run(DescribeAsync));
            phone.Map(TestCall.Path, test => test.Run(TestCall.AnswerAsync));
            phone.Map("/phone", call => call.Run(AnswerAsync));
        });
    }

    private static Task DescribeAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(context.RequestServices.GetRequiredService<PhoneInfo>(), PageJson.Default.PhoneInfo);

    private static async Task AnswerAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var services = context.RequestServices;
        using var socket = await context.WebSockets.AcceptWebSocketAsync(Pings);
        // Not when the process is told to stop: a bridge that is in it says goodbye first.
        var closing = context.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().ConnectionClosedRequested;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, closing);

        var caller = new BrowserCaller(
            socket,
            services.GetRequiredService<PhoneLine>(),
            services.GetRequiredKeyedService<HttpClient>(nameof(PhoneCall)),
            services.GetRequiredService<TimeProvider>());
        await caller.RunAsync(ending.Token);
    }

    private static FileServerOptions PageFiles() => new()
    {
        FileProvider = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "Phone", "wwwroot")),
        StaticFileOptions =
        {
            ContentTypeProvider = new FileExtensionContentTypeProvider { Mappings = { [".ulaw"] = "audio/basic" } },
            OnPrepareResponse = file =>
            {
                var headers = file.Context.Response.Headers;
                headers.ContentSecurityPolicy = ContentSecurityPolicy;
                headers.XContentTypeOptions = "nosniff";
                headers.CacheControl = "no-cache";
                headers["Cross-Origin-Opener-Policy"] = "same-origin";
                headers["Cross-Origin-Resource-Policy"] = "same-origin";
                headers["Permissions-Policy"] = "microphone=(self)";
                headers["Referrer-Policy"] = "no-referrer";
            },
        },
    };
}
