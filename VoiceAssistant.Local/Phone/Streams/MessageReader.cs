using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace VoiceAssistant.Local.Phone.Streams;

/// <summary>Reads whole messages of any size up to what a play-out buffer holds.</summary>
internal sealed class MessageReader(WebSocket socket) : IDisposable
{
    /// <summary>The whole play-out buffer in one message, as base64, and its envelope.</summary>
    public const int MaxMessage = PlayOut.MaxAudio / 3 * 4 + 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;

    /// <summary>The message just read; the next read overwrites it.</summary>
    public ReadOnlySpan<byte> Message => _buffer.AsSpan(0, _length);

    /// <returns>Text or binary; Close when the server closed its side.</returns>
    /// <exception cref="InvalidDataException">The message is longer than the limit.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // Most reads wait, and each wait would allocate.
    public async ValueTask<WebSocketMessageType> ReadAsync(CancellationToken cancellationToken)
    {
        _length = 0;
        while (true)
        {
            if (_length == _buffer.Length)
            {
                Grow();
            }

            var received = await socket.ReceiveAsync(_buffer.AsMemory(_length), cancellationToken);
            _length += received.Count;
            if (received.EndOfMessage || received.MessageType == WebSocketMessageType.Close)
            {
                return received.MessageType;
            }
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void Grow()
    {
        if (_length >= MaxMessage)
        {
            throw new InvalidDataException($"A message of the server's exceeds {MaxMessage} bytes.");
        }

        var grown = ArrayPool<byte>.Shared.Rent(2 * _length);
        _buffer.CopyTo(grown, 0);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
    }
}
