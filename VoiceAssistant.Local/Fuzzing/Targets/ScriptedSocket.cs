using System.Net.WebSockets;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>A peer that has sent these messages and then closed, and takes everything. It never waits.</summary>
internal sealed class ScriptedSocket(IEnumerable<ReadOnlyMemory<byte>> messages, Action<ReadOnlyMemory<byte>> sent) : WebSocket
{
    private readonly IEnumerator<ReadOnlyMemory<byte>> _messages = messages.GetEnumerator();
    private ReadOnlyMemory<byte>? _rest;
    private bool _closed;

    public override WebSocketState State => _closed ? WebSocketState.CloseReceived : WebSocketState.Open;

    public override WebSocketCloseStatus? CloseStatus => WebSocketCloseStatus.NormalClosure;

    public override string? CloseStatusDescription => null;

    public override string? SubProtocol => null;

    public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_rest is null && !_messages.MoveNext())
        {
            _closed = true;
            return new(new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, endOfMessage: true));
        }

        var message = _rest ?? _messages.Current;
        var length = Math.Min(buffer.Length, message.Length);
        message[..length].CopyTo(buffer);
        // Not null, which would become an empty memory.
        _rest = length < message.Length ? message[length..] : default(ReadOnlyMemory<byte>?);

        return new(new ValueWebSocketReceiveResult(length, WebSocketMessageType.Text, _rest is null));
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        sent(buffer);
        return ValueTask.CompletedTask;
    }

    public override void Abort()
    {
    }

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
    }

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
