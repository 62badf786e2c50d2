using StackExchange.Redis;

namespace VoiceAssistant.Calls.Tokens;

/// <summary>The last tokens that were shown to this process, by their keys: nobody honest shows one twice.</summary>
internal sealed class PresentedTokens
{
    // More than the streams that begin in a token's lifetime; who floods it hides a replay from the metrics, and gets in no more than before.
    private const int Capacity = 256;

    private readonly HashSet<RedisKey> _keys = [];
    private readonly Queue<RedisKey> _oldestFirst = new();

    /// <returns>False if it was shown before.</returns>
    public bool Add(RedisKey key)
    {
        lock (_keys)
        {
            if (!_keys.Add(key))
            {
                return false;
            }

            _oldestFirst.Enqueue(key);
            if (_oldestFirst.Count > Capacity)
            {
                _keys.Remove(_oldestFirst.Dequeue());
            }

            return true;
        }
    }
}
