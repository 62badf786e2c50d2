namespace VoiceAssistant.Calls.Tokens;

/// <summary>What this process has consumed: a replica that is promoted before it heard of it would give it out again.</summary>
internal sealed class ConsumedTokens(TimeProvider time)
{
    // Twice a token's lifetime: the promoted server counts from when it heard of the token.
    private static readonly TimeSpan Memory = 2 * StreamToken.Lifetime;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _keys = [];
    private readonly Queue<(string Key, long Since)> _inOrder = new();

    public bool Contains(string key)
    {
        lock (_lock)
        {
            return _keys.Contains(key);
        }
    }

    /// <returns>False if it was there.</returns>
    public bool Add(string key)
    {
        lock (_lock)
        {
            while (_inOrder.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Since) >= Memory)
            {
                _keys.Remove(_inOrder.Dequeue().Key);
            }

            if (!_keys.Add(key))
            {
                return false;
            }

            _inOrder.Enqueue((key, time.GetTimestamp()));
            return true;
        }
    }
}
