using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace VoiceAssistant.MediaBridge.Sockets;

/// <summary>The only one that writes to a socket: messages of any sender go out whole and one after the other.</summary>
/// <remarks>
/// <see cref="EnterAsync"/>, then per message: write to <see cref="Buffer"/> and <see cref="FlushAsync"/>; then <see cref="Exit"/>.
/// </remarks>
internal sealed class MessageWriter(WebSocket socket, TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly PooledBuffer _buffer = new(4096);
    private long _sendingSince;
    private bool _disposed;

    /// <exception cref="ObjectDisposedException">The connection is over.</exception>
    public IBufferWriter<byte> Buffer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _buffer;
        }
    }

    /// <summary>How long the message now being sent has been waiting for the peer to take it; zero between messages.</summary>
    public TimeSpan Stalled => Volatile.Read(ref _sendingSince) is var since and not 0 ? time.GetElapsedTime(since) : TimeSpan.Zero;

    public Task EnterAsync(CancellationToken cancellationToken) => _turn.WaitAsync(cancellationToken);

    public void Exit() => _turn.Release();

    /// <summary>Sends what stands in <see cref="Buffer"/> as one text message and empties it.</summary>
    /// <exception cref="WebSocketException">The connection broke, or our side is closed already.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))] // Awaited once per frame.
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _sendingSince, time.GetTimestamp());
        try
        {
            await socket.SendAsync(_buffer.Written, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _sendingSince, 0);
            _buffer.Clear();
        }
    }

    /// <remarks>
    /// The socket must be aborted or closed before, so that no sender holds its turn for long. Only then the buffer goes back to the
    /// pool, where another call's audio will stand in it.
    /// </remarks>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        if (!_disposed)
        {
            _disposed = true;
            _buffer.Dispose();
        }

        _turn.Release();
    }
}
