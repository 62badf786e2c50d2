using System.Buffers;
using System.Buffers.Text;

namespace VoiceAssistant.Local.Phone.Streams;

/// <summary>What the server sent and the caller has not heard yet, and the marks between.</summary>
/// <param name="returnMark">
/// Gets a mark's name, as JSON holds it, once everything before it was heard or cleared; it is called under the lock, so marks keep their order.
/// </param>
internal sealed class PlayOut(Action<byte[]> returnMark) : IDisposable
{
    /// <summary>Ten minutes. Twilio does not say how much it takes; whole answers at once are usual.</summary>
    public const int MaxAudio = 10 * 60 * MuLaw.SampleRate;

    private const int MaxMarkMemory = 1024 * 1024;
    private const int MarkOverhead = 64;

    private readonly Lock _gate = new();
    private readonly Queue<(long Position, byte[] Name)> _marks = new();
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _markMemory;

    /// <summary>How much was heard or cleared, in bytes.</summary>
    private long _played;

    private int Length => _end - _start;

    public AppendResult Append(ReadOnlySpan<byte> base64)
    {
        lock (_gate)
        {
            var longest = Base64.GetMaxDecodedFromUtf8Length(base64.Length);
            if (Length + longest > MaxAudio)
            {
                return AppendResult.Full;
            }

            Reserve(longest);
            var status = Base64.DecodeFromUtf8(base64, _buffer.AsSpan(_end), out _, out var length);
            if (status != OperationStatus.Done)
            {
                return AppendResult.Malformed;
            }

            _end += length;
            return AppendResult.Appended;
        }
    }

    public AppendResult Mark(byte[] name)
    {
        lock (_gate)
        {
            if (_markMemory + name.Length + MarkOverhead > MaxMarkMemory)
            {
                return AppendResult.Full;
            }

            _markMemory += name.Length + MarkOverhead;
            _marks.Enqueue((_played + Length, name));
            ReturnMarks();
            return AppendResult.Appended;
        }
    }

    /// <returns>How many bytes nobody will hear.</returns>
    public int Clear()
    {
        lock (_gate)
        {
            var unheard = Length;
            _played += unheard;
            _start = _end = 0;
            ReturnMarks();
            return unheard;
        }
    }

    /// <summary>Plays the next frame, padded with silence.</summary>
    /// <returns>Whether there was anything to play.</returns>
    public bool Play(Span<byte> frame)
    {
        lock (_gate)
        {
            var length = Math.Min(Length, frame.Length);
            _buffer.AsSpan(_start, length).CopyTo(frame);
            frame[length..].Fill(MuLaw.Silence);

            _start += length;
            _played += length;
            ReturnMarks();
            return length > 0;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            Return(_buffer);
            _buffer = [];
            _start = _end = 0;
        }
    }

    private static void Return(byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void ReturnMarks()
    {
        while (_marks.TryPeek(out var mark) && mark.Position <= _played)
        {
            _marks.Dequeue();
            _markMemory -= mark.Name.Length + MarkOverhead;
            returnMark(mark.Name);
        }
    }

    private void Reserve(int more)
    {
        if (_buffer.Length - _end >= more)
        {
            return;
        }

        // Moved to the front only where less than half is in use, so that a long buffer is not copied for every message.
        var source = _buffer;
        if (source.Length < 2 * (Length + more))
        {
            _buffer = ArrayPool<byte>.Shared.Rent(2 * (Length + more));
        }

        source.AsSpan(_start, Length).CopyTo(_buffer);
        (_start, _end) = (0, Length);

        if (source != _buffer)
        {
            Return(source);
        }
    }
}

internal enum AppendResult
{
    Appended,
    Malformed,
    Full,
}
