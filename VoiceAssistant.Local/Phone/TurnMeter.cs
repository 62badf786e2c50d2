namespace VoiceAssistant.Local.Phone;

/// <summary>Measures the waits of a conversation from what is said and what is heard, frame by frame.</summary>
internal sealed class TurnMeter(CallTimes times)
{
    // Shorter sounds are clicks; nobody answers them.
    private static readonly TimeSpan ShortestTurn = TimeSpan.FromMilliseconds(120);

    // A short word is over before the server, a network away, has noticed it and cut its assistant off.
    private static readonly TimeSpan LongestReaction = TimeSpan.FromSeconds(1);

    private static readonly byte[] Silence = [.. Enumerable.Repeat(MuLaw.Silence, Frame.Length)];

    private readonly SpeechDetector _caller = new();
    private readonly SpeechDetector _assistant = new();

    // Of what is heard, the model's part only.
    private readonly SpeechDetector _model = new();

    private bool _awaitsAnswer;
    private TimeSpan _nothingToPlayAt = TimeSpan.MinValue;

    // Null where the caller began in a pause of the assistant's, or the assistant has ended since: no sound was to fall silent.
    private TimeSpan? _spokeOverAt;

    /// <param name="said">Ends at this time.</param>
    /// <param name="heard">Begins at this time.</param>
    /// <param name="isPlaying">Whether the server's audio was heard, be it silence, and no padding.</param>
    /// <param name="time">Since the stream's start.</param>
    public void Add(ReadOnlySpan<byte> said, ReadOnlySpan<byte> heard, bool isPlaying, TimeSpan time)
    {
        if (_caller.Add(said, time) == SpeechChange.Started)
        {
            var began = _caller.StartedAt - Frame.Duration;
            _spokeOverAt = _assistant.EndedAt + Frame.Duration > began ? began : null;
        }

        if (_caller.IsSpeaking && _caller.EndedAt - _caller.StartedAt >= ShortestTurn)
        {
            BeginTurn();
        }

        if (!isPlaying)
        {
            _nothingToPlayAt = time;
            _spokeOverAt = null;
        }

        if (_assistant.Add(heard, time) == SpeechChange.Started)
        {
            times.SoundHeard(_assistant.StartedAt);
        }

        if (_model.Add(_awaitsAnswer && ClipFrames.WithoutTheModel.Contains(heard) ? Silence : heard, time) == SpeechChange.Started)
        {
            TakeAnswer();
        }
    }

    /// <summary>The server took this much back of what it had sent, before the caller could hear it.</summary>
    /// <param name="time">Since the stream's start.</param>
    public void Clear(TimeSpan unheard, TimeSpan time)
    {
        var isByCaller = time - _caller.EndedAt < LongestReaction;
        if (isByCaller)
        {
            BeginTurn();
        }

        times.CutOff(new(unheard, isByCaller, isByCaller ? _assistant.EndedAt + Frame.Duration - _spokeOverAt : null));
    }

    private void BeginTurn()
    {
        if (!_awaitsAnswer)
        {
            _awaitsAnswer = true;
            times.TurnBegan();
        }
    }

    // Where both talk at once, the assistant did not answer but cut in; and what goes on after a pause is no answer to a word said meanwhile.
    private void TakeAnswer()
    {
        if (_awaitsAnswer
            && _model.StartedAt - _caller.EndedAt is { } wait && wait >= TimeSpan.Zero
            && _nothingToPlayAt >= _caller.EndedAt)
        {
            _awaitsAnswer = false;
            times.Answered(wait);
        }
    }
}
