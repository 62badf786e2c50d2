using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Local.OfflineAssistant;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

/// <summary>The offline assistant behind Kestrel on a free port of the loopback, with time in the test's hands.</summary>
internal sealed class OfflineHost : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _firstSessionEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;

    private OfflineHost()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(Time);

        _app = builder.Build();
        _app.Use(async (_, next) =>
        {
            await next();
            _firstSessionEnded.TrySetResult();
        });
        _app.MapOfflineAssistant();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero));
    public Uri Address => new(_app.Urls.Single());

    /// <summary>Ends when the server has let go of the first request that it served.</summary>
    public Task FirstSessionEnded => _firstSessionEnded.Task.WaitAsync(Patience);

    public static async Task<OfflineHost> StartAsync()
    {
        var host = new OfflineHost();
        await host._app.StartAsync();
        return host;
    }

    /// <summary>A client whose session has begun and speaks a telephone's audio.</summary>
    public async Task<OfflineClient> CallAsync(string turnDetection = """{"type":"server_vad","silence_duration_ms":500}""")
    {
        var client = await ConnectAsync();
        await client.ReceiveAsync("session.created");
        await client.SendAsync($$"""
            {"type":"session.update","session":{"type":"realtime","audio":{
              "input":{"format":{"type":"audio/pcmu"},"turn_detection":{{turnDetection}} },
              "output":{"format":{"type":"audio/pcmu"} } } } }
            """);
        await client.ReceiveAsync("session.updated");
        return client;
    }

    public async Task<OfflineClient> ConnectAsync(string query = "?model=gpt-realtime-2.1", Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        configure?.Invoke(socket.Options);
        using var patience = new CancellationTokenSource(Patience);
        await socket.ConnectAsync(new UriBuilder(Address) { Scheme = "ws", Path = "/v1/realtime", Query = query }.Uri, patience.Token);
        return new(socket, Time);
    }

    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
