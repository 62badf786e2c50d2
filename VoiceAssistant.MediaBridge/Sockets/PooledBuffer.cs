using System.Buffers;

namespace VoiceAssistant.MediaBridge.Sockets;

/// <summary>A buffer that grows over rented arrays and keeps what it has grown to, up to a size that a busy call needs.</summary>
internal sealed class PooledBuffer(int initialSize) : IBufferWriter<byte>, IDisposable
{
    // Above the largest audio delta seen; what one huge message needed goes back to the pool after it.
    private const int KeepUpTo = 64 * 1024;

    private byte[] _array = ArrayPool<byte>.Shared.Rent(initialSize);
    private int _written;

    /// <summary>Valid until the next <see cref="Clear"/>, <see cref="GetMemory"/> or <see cref="GetSpan"/>.</summary>
    public ReadOnlyMemory<byte> Written => _array.AsMemory(0, _written);

    public void Clear()
    {
        _written = 0;
        if (_array.Length > KeepUpTo)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = ArrayPool<byte>.Shared.Rent(initialSize);
        }
    }

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(_written);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_array);
        _array = [];
    }

    private void Reserve(int sizeHint)
    {
        if (_array.Length - _written >= Math.Max(sizeHint, 1))
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_array.Length * 2, _written + sizeHint));
        _array.AsSpan(0, _written).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
