namespace VoiceAssistant;

/// <summary>Keeps a warning that strangers can cause as often as they like from filling the log: one a minute.</summary>
public sealed class Rarely(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _last;
    private int _left;

    /// <param name="others">How many were left out since the last one.</param>
    /// <returns>False where this one is left out, too.</returns>
    public bool IsDue(out int others)
    {
        lock (_lock)
        {
            others = _left;
            if (_last is { } last && time.GetElapsedTime(last) < Interval)
            {
                _left++;
                return false;
            }

            _last = time.GetTimestamp();
            _left = 0;
            return true;
        }
    }
}
