namespace VoiceAssistant.Local.Phone;

/// <summary>What the page's microphone heard, waiting for the phone's clock.</summary>
/// <remarks>One thread adds, another takes.</remarks>
internal sealed class SpokenFrames
{
    // 500 ms: what is older is better lost than said late.
    private const int Capacity = 25;

    // Two clocks never agree on 20 ms exactly; two frames lie in between, and what a whole second did not need is only delay.
    private const int Slack = 2;

    private readonly Lock _lock = new();
    private readonly byte[] _frames = new byte[Capacity * Frame.Length];
    private int _first;
    private int _count;
    private int _taken;
    private int _fewest = Capacity;

    public void Add(ReadOnlySpan<byte> frame)
    {
        lock (_lock)
        {
            if (_count == Capacity)
            {
                Drop(1);
            }

            frame.CopyTo(Slot(_count++));
        }
    }

    /// <summary>Fills the next 20 ms: silence where the page has sent nothing.</summary>
    public void Take(Span<byte> frame)
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                frame.Fill(MuLaw.Silence);
            }
            else
            {
                Slot(0).CopyTo(frame);
                Drop(1);
            }

            _fewest = Math.Min(_fewest, _count);
            if (++_taken % Frame.PerSecond == 0)
            {
                Drop(Math.Max(0, _fewest - Slack));
                _fewest = Capacity;
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            Drop(_count);
        }
    }

    private Span<byte> Slot(int index) => _frames.AsSpan((_first + index) % Capacity * Frame.Length, Frame.Length);

    private void Drop(int frames)
    {
        _first = (_first + frames) % Capacity;
        _count -= frames;
    }
}
