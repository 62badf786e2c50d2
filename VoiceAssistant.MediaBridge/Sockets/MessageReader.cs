using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace VoiceAssistant.MediaBridge.Sockets;

/// <summary>Whole text messages from a socket, however they were fragmented, in one buffer that is used again for each.</summary>
internal sealed class MessageReader(WebSocket socket, int maxMessageSize) : IDisposable
{
    private readonly PooledBuffer _buffer = new(4096);

    /// <summary>In bytes; a longer message ends the connection.</summary>
    public int MaxMessageSize { get; set; } = maxMessageSize;

    /// <summary>The message just read; the next read overwrites it.</summary>
    public ReadOnlyMemory<byte> Message => _buffer.Written;

    /// <returns>False when the peer closed its side.</returns>
    /// <exception cref="PeerViolationException">The message is binary or longer than the limit.</exception>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, which mostly aborts the socket, too; also after an abort of ours without any cancellation.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // Without it 128 bytes a frame, since most reads wait.
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        _buffer.Clear();

        while (true)
        {
            var received = await socket.ReceiveAsync(_buffer.GetMemory(), cancellationToken);
            if (received.MessageType != WebSocketMessageType.Text)
            {
                return received.MessageType == WebSocketMessageType.Close
                    ? false
                    : throw new PeerViolationException(WebSocketCloseStatus.InvalidMessageType, "Only text messages are spoken here.");
            }

            _buffer.Advance(received.Count);
            if (_buffer.Written.Length > MaxMessageSize)
            {
                throw new PeerViolationException(WebSocketCloseStatus.MessageTooBig, "The message is too long.");
            }

            if (received.EndOfMessage)
            {
                return true;
            }
        }
    }

    public void Dispose() => _buffer.Dispose();
}
