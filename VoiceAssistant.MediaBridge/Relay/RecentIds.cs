namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>The last few ids of something, so that stragglers are recognised; older ones are forgotten.</summary>
internal sealed class RecentIds
{
    // Stragglers arrive within a second of an interruption.
    private const int Capacity = 16;

    private readonly byte[]?[] _ids = new byte[Capacity][];
    private int _next;

    /// <returns>False if it was there, or is no id at all.</returns>
    public bool Add(ReadOnlySpan<byte> id)
    {
        if (id.IsEmpty || Contains(id))
        {
            return false;
        }

        _ids[_next++ % Capacity] = id.ToArray();
        return true;
    }

    public bool Contains(ReadOnlySpan<byte> id)
    {
        if (id.IsEmpty)
        {
            return false;
        }

        foreach (var recent in _ids)
        {
            if (id.SequenceEqual(recent))
            {
                return true;
            }
        }

        return false;
    }
}
