using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.Tests.Local.Phone;

/// <summary>Stands where the webhook and the media bridge stand: answers every call with a stream, scripted by the test.</summary>
internal sealed class FakeService : IAsyncDisposable
{
    private readonly Channel<JsonElement> _received = Channel.CreateUnbounded<JsonElement>();
    private readonly TaskCompletionSource<WebSocket> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly WebApplication _app;
    private string? _streamSid;

    private FakeService()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();

        _app = builder.Build();
        _app.UseWebSockets();
        _app.MapPost("/incoming-call", () => Results.Text(
            $"""
            <Response><Connect><Stream url="{Url.Replace("http", "ws", StringComparison.Ordinal)}/media-stream" /></Connect></Response>
            """,
            "text/xml"));
        _app.Map("/media-stream", StreamAsync);
    }

    public string WebhookUrl => Url + "/incoming-call";

    private string Url => _app.Urls.Single();

    public static async Task<FakeService> StartAsync()
    {
        var service = new FakeService();
        await service._app.StartAsync();
        return service;
    }

    /// <summary>The next message of this kind that the phone sends; others are passed over.</summary>
    public async Task<JsonElement> ReceiveAsync(string kind, CancellationToken cancellationToken)
    {
        await foreach (var message in _received.Reader.ReadAllAsync(cancellationToken))
        {
            if (message.GetProperty("event").ValueEquals(kind))
            {
                return message;
            }
        }

        throw new InvalidOperationException($"The stream ended before a {kind} came.");
    }

    /// <summary>The next frame in which the caller says something.</summary>
    public async Task<byte[]> ReceiveSoundAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var frame = (await ReceiveAsync("media", cancellationToken)).GetProperty("media").GetProperty("payload").GetBytesFromBase64();
            if (frame.ContainsAnyExcept((byte)0xFF))
            {
                return frame;
            }
        }
    }

    public async Task PlayAsync(byte[] audio, CancellationToken cancellationToken)
    {
        var stream = await _stream.Task.WaitAsync(cancellationToken);
        var message = JsonSerializer.SerializeToUtf8Bytes(
            new { @event = "media", streamSid = _streamSid, media = new { payload = Convert.ToBase64String(audio) } });
        await stream.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
    }

    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        var stream = await _stream.Task.WaitAsync(cancellationToken);
        var message = JsonSerializer.SerializeToUtf8Bytes(new { @event = "clear", streamSid = _streamSid });
        await stream.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
    }

    /// <summary>The stream's connection breaks, without a word.</summary>
    public async Task DropAsync(CancellationToken cancellationToken) => (await _stream.Task.WaitAsync(cancellationToken)).Abort();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task StreamAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[8192];
        try
        {
            while (await socket.ReceiveAsync(buffer, _stopping.Token) is { MessageType: WebSocketMessageType.Text } received)
            {
                var message = JsonSerializer.Deserialize<JsonElement>(buffer.AsSpan(0, received.Count));
                if (message.GetProperty("event").ValueEquals("start"))
                {
                    _streamSid = message.GetProperty("streamSid").GetString();
                    _stream.TrySetResult(socket);
                }

                _received.Writer.TryWrite(message);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _stopping.Token);
        }
        catch (Exception ex) when (ex is WebSocketException or OperationCanceledException)
        {
        }
        finally
        {
            _received.Writer.TryComplete();
        }
    }
}
