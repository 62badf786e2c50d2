using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Twilio's end of a media stream, message by message: what <c>PhoneCall</c> does on a clock, done when the test says so.</summary>
internal sealed class FakeTwilioStream : IAsyncDisposable
{
    public const string CallSid = "CA0123456789abcdef0123456789abcdef";
    public const string AccountSid = "AC0123456789abcdef0123456789abcdef";
    public const string StreamSid = "MZ0123456789abcdef0123456789abcdef";

    private const int BufferSize = 64 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[1024 * 1024];
    private Task<JsonNode?>? _peeked;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? CloseReason => _socket.CloseStatusDescription;

    public static async Task<FakeTwilioStream> ConnectAsync(string url, params (string Name, string Value)[] headers)
    {
        var stream = new FakeTwilioStream();
        stream._socket.Options.CollectHttpResponseDetails = true;
        foreach (var (name, value) in headers)
        {
            stream._socket.Options.SetRequestHeader(name, value);
        }

        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = ConnectAsync });
        await stream._socket.ConnectAsync(new Uri(url), invoker, TestTimeout.Token);
        return stream;
    }

    // Left to itself, the system would take megabytes that nobody reads.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = BufferSize };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type = WebSocketMessageType.Text, bool endOfMessage = true) =>
        _socket.SendAsync(message, type, endOfMessage, TestTimeout.Token).AsTask();

    public async Task StartAsync(string token, string callSid = CallSid, string accountSid = AccountSid)
    {
        await SendAsync("""{"event":"connected","protocol":"Call","version":"1.0.0"}""");
        await SendAsync(StartMessage(token, callSid, accountSid));
    }

    public static string StartMessage(string token, string callSid = CallSid, string accountSid = AccountSid) =>
        $$$"""{"event":"start","sequenceNumber":"1","start":{"accountSid":"{{{accountSid}}}","streamSid":"{{{StreamSid}}}","callSid":"{{{callSid}}}","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"token":"{{{token}}}"}},"streamSid":"{{{StreamSid}}}"}""";

    public Task SendMediaAsync(long timestamp, ReadOnlySpan<byte> audio) => SendAsync(
        $$$"""{"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":"{{{timestamp}}}","payload":"{{{Convert.ToBase64String(audio)}}}"},"streamSid":"{{{StreamSid}}}"}""");

    /// <summary>Unless the stream is over.</summary>
    public async Task TrySendMediaAsync(long timestamp, byte[] audio)
    {
        try
        {
            await SendMediaAsync(timestamp, audio);
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException)
        {
            // It is.
        }
    }

    public Task ReturnMarkAsync(string name) =>
        SendAsync($$$"""{"event":"mark","sequenceNumber":"3","streamSid":"{{{StreamSid}}}","mark":{"name":"{{{name}}}"}}""");

    public Task StopAsync() => SendAsync(
        $$$"""{"event":"stop","sequenceNumber":"9","stop":{"accountSid":"{{{AccountSid}}}","callSid":"{{{CallSid}}}"},"streamSid":"{{{StreamSid}}}"}""");

    /// <returns>The bridge's next message; null when it has closed, see <see cref="CloseStatus"/>, or has broken the connection.</returns>
    public Task<JsonNode?> ReceiveAsync()
    {
        var next = _peeked ?? ReadAsync(TestTimeout.Token);
        _peeked = null;
        return next;
    }

    /// <returns>The bridge's next message, which is still to be received then, however late it comes.</returns>
    public Task<JsonNode?> PeekAsync() => _peeked ??= ReadAsync(CancellationToken.None);

    /// <returns>Whether the bridge closes before this happens: on a busy machine Redis may not have answered it in time, and Twilio asks what to do.</returns>
    public async Task<bool> IsClosedBeforeAsync(Task happening) => await Task.WhenAny(happening, PeekAsync()) != happening && await PeekAsync() is null;

    private async Task<JsonNode?> ReadAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                length += received.Count;
                if (received.EndOfMessage)
                {
                    return JsonNode.Parse(_buffer.AsSpan(0, length));
                }
            }
        }
        catch (WebSocketException)
        {
            return null;
        }
    }

    /// <summary>Reads the first part of a message that is longer than what the buffers on the way take; the bridge is sending it now.</summary>
    public async Task ReceiveBeginningAsync() => Assert.False((await _socket.ReceiveAsync(_buffer.AsMemory(0, 1024), TestTimeout.Token)).EndOfMessage);

    /// <returns>The audio and the name of the mark behind it.</returns>
    public async Task<(byte[] Audio, string Mark)> ReceiveAudioAsync()
    {
        var media = await ReceiveAsync();
        Assert.Equal("media", (string?)media?["event"]);
        Assert.Equal(StreamSid, (string?)media!["streamSid"]);

        var mark = await ReceiveAsync();
        Assert.Equal("mark", (string?)mark?["event"]);
        Assert.Equal(StreamSid, (string?)mark!["streamSid"]);

        return (Convert.FromBase64String((string)media["media"]!["payload"]!), (string)mark["mark"]!["name"]!);
    }

    /// <returns>The status with which the bridge closed; null if it broke the connection.</returns>
    public async Task<WebSocketCloseStatus?> ReceiveCloseAsync()
    {
        while (await ReceiveAsync() is not null)
        {
        }

        return CloseStatus;
    }

    public Task CloseAsync(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure) => _socket.CloseOutputAsync(status, null, TestTimeout.Token);

    public void Abort() => _socket.Abort();

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
