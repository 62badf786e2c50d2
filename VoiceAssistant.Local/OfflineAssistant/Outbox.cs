using System.Buffers;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>The one writer of a socket: whoever has an event leaves it here and goes on.</summary>
internal sealed class Outbox(WebSocket socket)
{
    // Several times the longest event, which repeats a client event of 16 MiB: a peer that is further behind does not read at all.
    private const int MaxQueuedBytes = 64 * 1024 * 1024;

    private readonly Channel<ArraySegment<byte>> _queue = Channel.CreateUnbounded<ArraySegment<byte>>(new() { SingleReader = true });
    private int _queuedBytes;
    private (WebSocketCloseStatus Status, string? Reason)? _close;

    public void Enqueue(ReadOnlySpan<byte> message)
    {
        if (Interlocked.Add(ref _queuedBytes, message.Length) > MaxQueuedBytes)
        {
            socket.Abort();
            return;
        }

        var copy = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(copy);
        if (!_queue.Writer.TryWrite(new(copy, 0, message.Length)))
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    /// <summary>Sends what is queued, then the close frame. Only the first call counts.</summary>
    public void Complete(WebSocketCloseStatus status, string? reason = null)
    {
        _close ??= (status, reason);
        _queue.Writer.TryComplete();
    }

    public async Task SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _queue.Reader.ReadAllAsync(cancellationToken))
            {
                await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
                Interlocked.Add(ref _queuedBytes, -message.Count);
                ArrayPool<byte>.Shared.Return(message.Array!);
            }

            await socket.CloseOutputAsync(_close!.Value.Status, _close.Value.Reason, cancellationToken);
        }
        catch (Exception ex) when (ex is WebSocketException or OperationCanceledException or IOException)
        {
            // The peer is gone; the reader learns the same.
        }
    }
}
