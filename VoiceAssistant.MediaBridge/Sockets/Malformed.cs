namespace VoiceAssistant.MediaBridge.Sockets;

/// <summary>Counts what a peer sends that cannot be read, or makes no sense: once is an accident, three times in a short while are not.</summary>
/// <param name="time">What the while is measured by.</param>
/// <param name="window">How long it is; ten seconds where not said.</param>
internal sealed class Malformed(TimeProvider time, TimeSpan? window = null)
{
    private const int Tolerated = 2;
    private readonly TimeSpan _window = window ?? TimeSpan.FromSeconds(10);

    private readonly Queue<long> _recent = new(Tolerated + 1);

    /// <returns>Whether this one is too many.</returns>
    public bool Add()
    {
        while (_recent.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > _window)
        {
            _recent.Dequeue();
        }

        _recent.Enqueue(time.GetTimestamp());
        return _recent.Count > Tolerated;
    }
}
