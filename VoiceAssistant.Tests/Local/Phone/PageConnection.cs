using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Tests.Local.Phone;

/// <summary>Stands where the page's script stands: its WebSocket to the phone.</summary>
internal sealed class PageConnection : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[8192];

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public static Task<PageConnection> OpenAsync(PhoneHost host, CancellationToken cancellationToken) => OpenAsync(host.Url, cancellationToken);

    public static async Task<PageConnection> OpenAsync(Uri phone, CancellationToken cancellationToken)
    {
        var page = new PageConnection();
        page._socket.Options.SetRequestHeader("Origin", phone.GetLeftPart(UriPartial.Authority));
        await page._socket.ConnectAsync(new UriBuilder(phone) { Scheme = "ws", Path = "/phone" }.Uri, cancellationToken);
        return page;
    }

    public Task SendAsync(string text, CancellationToken cancellationToken) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    public Task SendAsync(byte[] binary, CancellationToken cancellationToken) =>
        _socket.SendAsync(binary, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);

    /// <summary>Dials, and returns once the stream is open.</summary>
    public async Task CallAsync(CancellationToken cancellationToken)
    {
        await SendAsync("""{"type":"call"}""", cancellationToken);
        await ReceiveEventAsync(PhoneEventKind.Connected, cancellationToken);
    }

    /// <returns>Whether the stream is open; false where the call has ended before.</returns>
    public async Task<bool> TryCallAsync(CancellationToken cancellationToken)
    {
        await SendAsync("""{"type":"call"}""", cancellationToken);
        while (true)
        {
            var kind = (await ReceiveAsync("event", cancellationToken)).GetProperty("kind");
            if (kind.ValueEquals(nameof(PhoneEventKind.Connected)) || kind.ValueEquals(nameof(PhoneEventKind.Ended)))
            {
                return kind.ValueEquals(nameof(PhoneEventKind.Connected));
            }
        }
    }

    public async Task<JsonElement> ReceiveEventAsync(PhoneEventKind kind, CancellationToken cancellationToken)
    {
        while (true)
        {
            var message = await ReceiveAsync("event", cancellationToken);
            if (message.GetProperty("kind").ValueEquals(kind.ToString()))
            {
                return message;
            }
        }
    }

    /// <summary>The next text message of this type; audio and others are passed over.</summary>
    public async Task<JsonElement> ReceiveAsync(string type, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (kind, bytes) = await ReceiveAsync(cancellationToken);
            if (kind == WebSocketMessageType.Text
                && JsonSerializer.Deserialize<JsonElement>(bytes) is var message
                && message.GetProperty("type").ValueEquals(type))
            {
                return message;
            }
        }
    }

    /// <summary>The next frame in which something is heard.</summary>
    public async Task<byte[]> ReceiveSoundAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (kind, bytes) = await ReceiveAsync(cancellationToken);
            if (kind == WebSocketMessageType.Binary && bytes.ContainsAnyExcept((byte)0xFF))
            {
                return bytes;
            }
        }
    }

    /// <summary>All audio up to the end of the call.</summary>
    public async Task<byte[]> ReceiveAudioToEndAsync(CancellationToken cancellationToken)
    {
        var audio = new List<byte>();
        while (true)
        {
            var (kind, bytes) = await ReceiveAsync(cancellationToken);
            if (kind == WebSocketMessageType.Binary)
            {
                audio.AddRange(bytes);
            }
            else if (JsonSerializer.Deserialize<JsonElement>(bytes) is var message
                && message.TryGetProperty("kind", out var ended) && ended.ValueEquals(nameof(PhoneEventKind.Ended)))
            {
                return [.. audio];
            }
        }
    }

    public async Task ReceiveCloseAsync(CancellationToken cancellationToken)
    {
        while (_socket.CloseStatus is null)
        {
            await _socket.ReceiveAsync(_buffer, cancellationToken);
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<(WebSocketMessageType Kind, byte[] Bytes)> ReceiveAsync(CancellationToken cancellationToken)
    {
        var received = await _socket.ReceiveAsync(_buffer, cancellationToken);
        Assert.True(received.EndOfMessage);
        Assert.NotEqual(WebSocketMessageType.Close, received.MessageType);
        return (received.MessageType, _buffer[..received.Count]);
    }
}
