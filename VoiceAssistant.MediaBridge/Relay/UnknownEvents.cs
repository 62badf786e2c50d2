using System.Text;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>The types of the model's events that we do not know, a few of them: a model that sends nothing else speaks another version of the protocol.</summary>
/// <remarks>Thread-safe: the model's side adds, others ask.</remarks>
internal sealed class UnknownEvents
{
    // Enough to recognise a version by; a line of the log has its length.
    private const int Most = 5;

    // As long as a word may be; of a longer one only that it came is kept.
    private const int LongestType = 100;

    private readonly Lock _lock = new();
    private readonly List<byte[]> _types = [];

    public void Add(ReadOnlySpan<byte> type)
    {
        type = type.Length > LongestType ? default : type;
        lock (_lock)
        {
            foreach (var known in _types)
            {
                if (type.SequenceEqual(known))
                {
                    return;
                }
            }

            if (_types.Count < Most)
            {
                _types.Add(type.ToArray());
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _types.Clear();
        }
    }

    /// <returns>For the end of a sentence; empty where there are none.</returns>
    public override string ToString()
    {
        lock (_lock)
        {
            return _types.Count == 0
                ? ""
                : $"; events came of types that are unknown here, as of another version of the protocol ({string.Join(", ", _types.Select(Encoding.UTF8.GetString).Select(RealtimeError.TypeOf))})";
        }
    }
}
