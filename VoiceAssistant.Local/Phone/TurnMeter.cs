namespace VoiceAssistant.Local.Phone;

/// <summary>Measures the waits of a conversation from what is said and what is heard, frame by frame.</summary>
internal sealed class TurnMeter(CallTimes times)
{
    private readonly SpeechDetector _caller = new();
    private readonly SpeechDetector _assistant = new();

    private bool _awaitsAnswer;
    private TimeSpan? _interruptedAt;

    /// <param name="said">Ends at this time.</param>
    /// <param name="heard">Begins at this time.</param>
    /// <param name="time">Since the stream's start.</param>
    public void Add(ReadOnlySpan<byte> said, ReadOnlySpan<byte> heard, TimeSpan time)
    {
        if (_caller.Add(said, time) == SpeechChange.Started)
        {
            _awaitsAnswer = true;
            if (_assistant.IsSpeaking)
            {
                _interruptedAt ??= _caller.StartedAt - Frame.Duration;
            }
        }

        switch (_assistant.Add(heard, time))
        {
            case SpeechChange.Started:
                times.SoundHeard(_assistant.StartedAt);
                TakeAnswer();
                break;

            case SpeechChange.Ended when _interruptedAt is { } interruptedAt:
                times.Interrupted(_assistant.EndedAt!.Value + Frame.Duration - interruptedAt);
                _interruptedAt = null;
                break;
        }
    }

    private void TakeAnswer()
    {
        // Where both talk at once, the assistant did not answer but cut in.
        if (_awaitsAnswer && _assistant.StartedAt - _caller.EndedAt is { } wait && wait >= TimeSpan.Zero)
        {
            _awaitsAnswer = false;
            times.Answered(wait);
        }
    }
}
