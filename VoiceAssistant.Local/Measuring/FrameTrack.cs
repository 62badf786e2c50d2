namespace VoiceAssistant.Local.Measuring;

/// <summary>One direction of one call: when each frame left, when it arrived, and what became of it on the way.</summary>
/// <remarks>One thread lets frames leave, another lets them arrive; read when both have ended.</remarks>
internal sealed class FrameTrack(int capacity)
{
    private readonly long[] _left = new long[capacity];
    private readonly long[] _arrived = new long[capacity];
    private int _last = -1;

    public int Lost => _left.Zip(_arrived).Count(frame => frame is (not 0, 0));

    /// <summary>Frames that came after a later one, or twice.</summary>
    public int Reordered { get; private set; }

    public int Changed { get; private set; }

    public int Count => _left.Count(time => time != 0);

    public void Leaves(int number, long timestamp) => _left[number] = timestamp;

    public void Arrives(int number, bool isIntact, long timestamp)
    {
        Changed += isIntact ? 0 : 1;
        Reordered += number <= _last ? 1 : 0;
        _last = Math.Max(_last, number);
        _arrived[number] = timestamp;
    }

    /// <returns>How long the frames took that left in this interval.</returns>
    public IEnumerable<TimeSpan> Delays(long from, long to) => _left.Zip(_arrived)
        .Where(frame => frame.First >= from && frame.First < to && frame.Second != 0)
        .Select(frame => System.Diagnostics.Stopwatch.GetElapsedTime(frame.First, frame.Second));
}
