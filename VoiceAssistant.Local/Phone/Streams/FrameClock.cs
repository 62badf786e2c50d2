namespace VoiceAssistant.Local.Phone.Streams;

/// <summary>Counts the frames that are due since the stream began: a late wake-up finds several, and nothing drifts.</summary>
internal sealed class FrameClock(TimeProvider time, CallTimes times)
{
    // Timers count on a coarse clock (4 ms on Linux), so a tick may come before its frame is due to the microsecond.
    private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(5);

    private readonly long _start = time.GetTimestamp();
    private long _taken;

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>Takes the next frame if it is due.</summary>
    /// <param name="position">Its place in the stream, in frames.</param>
    public bool TryTake(out long position)
    {
        var due = (Elapsed + Early).Ticks / Frame.Duration.Ticks - _taken;
        if (due > Frame.PerSecond)
        {
            // A machine that slept: the seconds it missed were not a part of the call.
            times.FramesLate(due - 1);
            _taken += due - 1;
            due = 1;
        }
        else if (due > 1)
        {
            times.FramesLate(1);
        }

        position = _taken;
        _taken += due > 0 ? 1 : 0;
        return due > 0;
    }
}
