namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>Decides when it is time to say "one moment".</summary>
/// <remarks>Thread-safe: whoever says it tells, and one asks several times a second.</remarks>
internal sealed class MomentSchedule(TimeProvider time)
{
    private readonly Lock _lock = new();
    private long? _waitsSince;
    private long? _silentSince;
    private (long At, int Pieces)? _said;

    /// <summary>For how long the caller has been waiting for the model, whatever they were told meanwhile.</summary>
    public TimeSpan Waited
    {
        get
        {
            lock (_lock)
            {
                return _waitsSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
            }
        }
    }

    /// <param name="waits">Whether the caller waits for the model.</param>
    /// <param name="hears">Whether they hear something, or are about to.</param>
    /// <param name="pieces">How much was said in all; changes with every piece.</param>
    public bool IsDue(bool waits, bool hears, int pieces)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _waitsSince = waits ? _waitsSince ?? now : null;
            _silentSince = waits && !hears ? _silentSince ?? now : null;
            return _silentSince is { } since && time.GetElapsedTime(since, now) >= Patience.Silent && Left(pieces) == TimeSpan.Zero;
        }
    }

    /// <summary>How long it is too early to say it again, as the caller has heard nothing else since.</summary>
    public TimeSpan Left(int pieces)
    {
        lock (_lock)
        {
            return _said is { } said && said.Pieces == pieces && Patience.AnotherMoment - time.GetElapsedTime(said.At) is var left && left > TimeSpan.Zero
                ? left
                : TimeSpan.Zero;
        }
    }

    public void Said(int pieces)
    {
        lock (_lock)
        {
            _said = (time.GetTimestamp(), pieces);
        }
    }
}
