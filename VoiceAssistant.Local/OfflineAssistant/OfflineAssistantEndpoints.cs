namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>An assistant without the internet that speaks OpenAI Realtime's side of the GA interface.</summary>
internal static class OfflineAssistantEndpoints
{
    public const string Path = "/v1/realtime";

    // A client whose machine has vanished says no goodbye.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);

    public static void MapOfflineAssistant(this IEndpointRouteBuilder routes)
    {
        var pipeline = routes.CreateApplicationBuilder();
        pipeline.UseWebSockets();
        pipeline.Run(ServeAsync);
        routes.MapGet(Path, pipeline.Build());
    }

    private static async Task ServeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("This is the offline assistant: open a WebSocket here.", context.RequestAborted);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(protocol => protocol == "realtime"),
            KeepAliveInterval = KeepAlive,
            KeepAliveTimeout = KeepAlive,
        });

        var services = context.RequestServices;
        var model = context.Request.Query["model"].ToString();
        using var session = new OfflineSession(
            socket, model, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<OfflineSession>>());

        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await session.RunAsync(Refuse(context.Request, model), stopping, context.RequestAborted);
    }

    private static InvalidRequestException? Refuse(HttpRequest request, string model)
    {
        if (request.Headers.ContainsKey("OpenAI-Beta"))
        {
            return new("beta_api_shape_disabled", "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.");
        }

        return model.Length == 0 ? new("missing_model", "You must provide a model parameter.", "model") : null;
    }
}
