using System.Net;
using System.Net.WebSockets;

namespace VoiceAssistant.Local.Measuring;

/// <summary>A model that takes no time of its own, on a loopback port.</summary>
internal sealed class EchoModel : IAsyncDisposable
{
    private const string Path = "/v1/realtime";

    private readonly WebApplication _app;
    private volatile IReadOnlyList<MeasuredCall> _calls = [];

    private EchoModel()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));

        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(ServeAsync);
    }

    /// <summary>What REALTIME_URL is to be.</summary>
    public string Url => _app.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal) + Path;

    public static async Task<EchoModel> StartAsync(CancellationToken cancellationToken)
    {
        var model = new EchoModel();
        await model._app.StartAsync(cancellationToken);
        return model;
    }

    /// <summary>Whose frames come from now on.</summary>
    public void Expect(IReadOnlyList<MeasuredCall> calls) => _calls = calls;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ServeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await using var session = new EchoSession(socket, () => _calls);
        try
        {
            await session.RunAsync(context.RequestAborted);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The server is gone; its calls say why.
        }
    }
}
