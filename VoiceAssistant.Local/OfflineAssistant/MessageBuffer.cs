using System.Buffers;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>Where one WebSocket message is put together; grows with the message.</summary>
internal sealed class MessageBuffer : IDisposable
{
    private const int UsualSize = 4096;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(UsualSize);

    public int Length { get; private set; }
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public Memory<byte> Free()
    {
        if (Length == _bytes.Length)
        {
            Replace(_bytes.Length * 2);
        }

        return _bytes.AsMemory(Length);
    }

    public void Advance(int count) => Length += count;

    /// <summary>Ready for the next message; a long one's memory goes back to the pool.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > 16 * UsualSize)
        {
            Replace(UsualSize);
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Replace(int size)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(size);
        Written.CopyTo(bytes);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = bytes;
    }
}
