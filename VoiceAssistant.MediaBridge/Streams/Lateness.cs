namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>Tells lateness that lasts from a hiccup. Thread-safe, and right also while no beat comes at all.</summary>
/// <param name="interval">From one beat to when the next is due.</param>
/// <param name="time">What beats are measured by.</param>
internal sealed class Lateness(TimeSpan interval, TimeProvider time)
{
    // A caller hears it as a stutter.
    private static readonly TimeSpan Audible = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(5);

    // Without a late beat; shorter, and it is still the same trouble.
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long _beatAt = time.GetTimestamp();
    private long? _troubleSince;
    private long _lateAt;

    /// <summary>Whether beats have been late by more than 250 ms for 5 s, and up to now.</summary>
    public bool IsLasting
    {
        get
        {
            lock (_lock)
            {
                Look();
                return _troubleSince is { } since && time.GetElapsedTime(since, _lateAt) >= Lasting;
            }
        }
    }

    /// <returns>How late it comes.</returns>
    public TimeSpan Beat()
    {
        lock (_lock)
        {
            var late = Look();
            _beatAt = time.GetTimestamp();
            return late;
        }
    }

    private TimeSpan Look()
    {
        var now = time.GetTimestamp();
        var late = time.GetElapsedTime(_beatAt, now) - interval;
        if (late > Audible)
        {
            _troubleSince ??= _beatAt;
            _lateAt = now;
        }
        else if (time.GetElapsedTime(_lateAt, now) > Calm)
        {
            _troubleSince = null;
        }

        return late > TimeSpan.Zero ? late : TimeSpan.Zero;
    }
}
