using System.Text;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What was said in a call, in order: of the caller what the model's transcription says, of the assistant what was heard.</summary>
/// <remarks>
/// Thread-safe. The words of the caller come late and in any order, so their place is kept when their audio is committed. Never logged.
/// </remarks>
internal sealed class Transcript(TimeProvider time)
{
    private const int MaxTurns = 20;

    // Some ten minutes of speech.
    private const int MaxCharacters = 8000;

    // A transcription that has not come by then does not come.
    private static readonly TimeSpan LatestWords = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];

    /// <summary>Raised when a turn has ended or its words have become known.</summary>
    public event Action? Changed;

    /// <summary>Whether what the caller said is still being written down.</summary>
    public bool AwaitsWords
    {
        get
        {
            lock (_lock)
            {
                return _entries.Exists(entry => entry is { Speaker: Speaker.Caller, IsOver: false } && time.GetElapsedTime(entry.Since) < LatestWords);
            }
        }
    }

    /// <summary>Whether the caller spoke last, and nobody knows what they said.</summary>
    public bool LacksLastWords
    {
        get
        {
            lock (_lock)
            {
                return _entries.FindLast(entry => entry.Speaker is not Speaker.System) is { Speaker: Speaker.Caller, Text.Length: 0 };
            }
        }
    }

    public void Restore(IEnumerable<Turn> turns)
    {
        lock (_lock)
        {
            _entries.AddRange(turns.Select(turn => new Entry(turn.Speaker, "", 0) { IsOver = true }.With(turn.Text)));
        }
    }

    /// <summary>The caller's turn is over; its words follow.</summary>
    public void CallerSpoke(string itemId)
    {
        lock (_lock)
        {
            Add(new Entry(Speaker.Caller, itemId, time.GetTimestamp()));
        }
    }

    /// <param name="itemId">Which of the caller's turns.</param>
    /// <param name="text">Empty where it could not be understood.</param>
    public void CallerSaid(string itemId, string text)
    {
        lock (_lock)
        {
            // Of one that has been dropped as too old, the words are dropped, too.
            if (Find(Speaker.Caller, itemId) is not { IsOver: false } entry)
            {
                return;
            }

            entry.With(text).IsOver = true;
        }

        Changed?.Invoke();
    }

    /// <summary>More words of the assistant, in step with its audio.</summary>
    public void AssistantSays(string itemId, string words)
    {
        lock (_lock)
        {
            if ((Find(Speaker.Assistant, itemId) ?? Add(new Entry(Speaker.Assistant, itemId, 0))) is { IsOver: false } entry)
            {
                entry.Text.Append(words, 0, Math.Min(words.Length, MaxCharacters - entry.Text.Length));
            }
        }
    }

    /// <summary>The assistant has said all of it, and the caller will have heard it unless they interrupt.</summary>
    public void AssistantSaid(string itemId, string text)
    {
        lock (_lock)
        {
            if ((Find(Speaker.Assistant, itemId) ?? Add(new Entry(Speaker.Assistant, itemId, 0))) is { IsOver: false } entry)
            {
                entry.With(text);
            }
        }

        Changed?.Invoke();
    }

    /// <summary>The caller has interrupted: only what they heard was said.</summary>
    /// <param name="itemId">What the assistant was saying.</param>
    /// <param name="share">How much of it was heard, from 0 to 1.</param>
    public void AssistantWasHeard(string itemId, double share)
    {
        lock (_lock)
        {
            // Also where no words have come yet: those that come now were not heard.
            var entry = Find(Speaker.Assistant, itemId) ?? Add(new Entry(Speaker.Assistant, itemId, 0));
            if (!entry.IsOver)
            {
                entry.With(CutAtWord(entry.Text.ToString(), share)).IsOver = true;
            }
        }

        Changed?.Invoke();
    }

    /// <summary>Something that the assistant should know happened.</summary>
    public void Note(string text)
    {
        lock (_lock)
        {
            Add(new Entry(Speaker.System, "", 0) { IsOver = true }.With(text));
        }

        Changed?.Invoke();
    }

    /// <param name="share">How much the caller has heard of one of the assistant's items, from 0 to 1.</param>
    /// <returns>What was said last, within bounds.</returns>
    public IReadOnlyList<Turn> Turns(Func<string, double> share)
    {
        var turns = new List<Turn>();
        lock (_lock)
        {
            var left = MaxCharacters;
            for (var i = _entries.Count - 1; i >= 0 && left > 0; i--)
            {
                var entry = _entries[i];
                var text = entry.Text.ToString();
                if (entry is { Speaker: Speaker.Assistant, IsOver: false })
                {
                    text = CutAtWord(text, share(entry.ItemId));
                }

                if (text.Length == 0)
                {
                    continue;
                }

                if (text.Length > left && turns.Count > 0)
                {
                    break;
                }

                turns.Add(new Turn(entry.Speaker, text));
                left -= text.Length;
            }
        }

        turns.Reverse();
        return turns;
    }

    /// <summary>As much of a text as was heard, whole words only: how fast each was spoken is not known.</summary>
    internal static string CutAtWord(string text, double share)
    {
        var length = (int)(text.Length * Math.Clamp(share, 0, 1));
        if (length == text.Length || char.IsWhiteSpace(text[length]))
        {
            return text[..length].TrimEnd();
        }

        var space = text.AsSpan(0, length).LastIndexOfAny(' ', '\n');
        if (space >= 0)
        {
            return text[..space].TrimEnd();
        }

        // One word, or a language that writes without spaces.
        return text.Contains(' ') ? "" : text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    private Entry? Find(Speaker speaker, string itemId) => _entries.FindLast(entry => entry.Speaker == speaker && entry.ItemId == itemId);

    private Entry Add(Entry entry)
    {
        _entries.Add(entry);
        if (_entries.Count > MaxTurns)
        {
            _entries.RemoveAt(0);
        }

        return entry;
    }

    /// <param name="Speaker">Who.</param>
    /// <param name="ItemId">The model's name for it.</param>
    /// <param name="Since">When it was said, where its words are to follow.</param>
    private sealed record Entry(Speaker Speaker, string ItemId, long Since)
    {
        public StringBuilder Text { get; } = new();

        /// <summary>Whether nothing can change it any more.</summary>
        public bool IsOver { get; set; }

        public Entry With(string text)
        {
            Text.Clear().Append(text, 0, Math.Min(text.Length, MaxCharacters));
            return this;
        }

        // A record prints its members, and what was said is nobody else's business.
        public override string ToString() => nameof(Entry);
    }
}
