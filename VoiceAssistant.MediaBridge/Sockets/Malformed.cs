namespace VoiceAssistant.MediaBridge.Sockets;

/// <summary>Counts what a peer sends that cannot be read: one such message is an accident, three in ten seconds are not.</summary>
internal sealed class Malformed(TimeProvider time)
{
    private const int Tolerated = 2;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Queue<long> _recent = new(Tolerated + 1);

    /// <returns>Whether this one is too many.</returns>
    public bool Add()
    {
        while (_recent.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > Window)
        {
            _recent.Dequeue();
        }

        _recent.Enqueue(time.GetTimestamp());
        return _recent.Count > Tolerated;
    }
}
