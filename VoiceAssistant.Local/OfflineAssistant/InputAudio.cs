using System.Buffers;
using System.Buffers.Text;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>The caller's audio that is not yet part of an item. Positions count the bytes since the session began.</summary>
internal sealed class InputAudio : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(8192);
    private int _offset;
    private int _count;

    public long Start { get; private set; }
    public long End => Start + _count;
    public int Count => _count;

    /// <returns>False, with nothing appended, where this is not base64.</returns>
    public bool TryAppend(ReadOnlySpan<byte> base64)
    {
        var room = Room(Base64.GetMaxDecodedFromUtf8Length(base64.Length));
        if (Base64.DecodeFromUtf8(base64, room, out _, out var decoded) != OperationStatus.Done)
        {
            return false;
        }

        _count += decoded;
        return true;
    }

    public ReadOnlySpan<byte> Slice(long from, int count) => _bytes.AsSpan(_offset + (int)(from - Start), count);

    /// <summary>Moves what lies between the two positions out, and forgets all before it.</summary>
    public byte[] Take(long from, long to)
    {
        var taken = Slice(from, (int)(to - from)).ToArray();
        ForgetBefore(to);
        return taken;
    }

    public void ForgetBefore(long position)
    {
        var forgotten = (int)Math.Clamp(position - Start, 0, _count);
        Start += forgotten;
        _offset += forgotten;
        _count -= forgotten;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private Span<byte> Room(int needed)
    {
        if (_offset + _count + needed > _bytes.Length)
        {
            var target = _count + needed <= _bytes.Length ? _bytes : ArrayPool<byte>.Shared.Rent(Math.Max(_count + needed, _bytes.Length * 2));
            _bytes.AsSpan(_offset, _count).CopyTo(target);
            if (target != _bytes)
            {
                ArrayPool<byte>.Shared.Return(_bytes);
                _bytes = target;
            }

            _offset = 0;
        }

        return _bytes.AsSpan(_offset + _count);
    }
}
