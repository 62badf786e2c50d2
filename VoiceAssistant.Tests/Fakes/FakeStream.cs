using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>The server's end of a media stream, moved by the test.</summary>
internal sealed class FakeStream(WebSocket socket, string signature, IReadOnlyList<string> subProtocols)
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _buffer = new byte[64 * 1024];

    public string Signature => signature;

    public IReadOnlyList<string> SubProtocols => subProtocols;

    public string StreamSid { get; private set; } = "";

    public Task Finished => _finished.Task;

    /// <summary>The next message, null where the other side has closed.</summary>
    public async Task<JsonElement?> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(FakeCallServer.Patience);
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(_buffer.AsMemory(length), patience.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            length += received.Count;
            if (received.EndOfMessage)
            {
                return JsonElement.Parse(_buffer.AsSpan(0, length));
            }
        }
    }

    /// <summary>The next message, which must have this event; what stands under the event's name in it.</summary>
    public async Task<JsonElement> ExpectAsync(string name)
    {
        var message = await ReceiveAsync();
        Assert.Equal(name, message?.GetProperty("event").GetString());
        return message!.Value.TryGetProperty(name, out var content) ? content : message.Value;
    }

    /// <summary>Reads connected and start.</summary>
    public async Task<JsonElement> StartAsync()
    {
        await ExpectAsync("connected");
        var start = await ExpectAsync("start");
        StreamSid = start.GetProperty("streamSid").GetString()!;
        return start;
    }

    public Task PlayAsync(params byte[] audio) =>
        SendAsync($$$"""{"event":"media","streamSid":"{{{StreamSid}}}","media":{"payload":"{{{Convert.ToBase64String(audio)}}}"}}""");

    public Task MarkAsync(string name) => SendAsync($$$"""{"event":"mark","streamSid":"{{{StreamSid}}}","mark":{"name":"{{{name}}}"}}""");

    public Task ClearAsync() => SendAsync($$"""{"event":"clear","streamSid":"{{StreamSid}}"}""");

    public Task SendAsync(string json) => SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text);

    public Task SendAsync(byte[] message, WebSocketMessageType type) => socket.SendAsync(message, type, endOfMessage: true, CancellationToken.None);

    /// <summary>Closes, and ends the request when the phone has answered.</summary>
    public async Task CloseAsync(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string? description = null)
    {
        await socket.CloseOutputAsync(status, description, CancellationToken.None);
        while (await ReceiveAsync() is not null)
        {
        }

        _finished.TrySetResult();
    }

    /// <summary>Answers the phone's closing, reading what it still sends.</summary>
    public async Task<IReadOnlyList<JsonElement>> DrainAsync()
    {
        var rest = new List<JsonElement>();
        while (await ReceiveAsync() is { } message)
        {
            rest.Add(message);
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        _finished.TrySetResult();
        return rest;
    }

    /// <summary>Breaks the connection without a close.</summary>
    public void Abort()
    {
        socket.Abort();
        _finished.TrySetResult();
    }
}
