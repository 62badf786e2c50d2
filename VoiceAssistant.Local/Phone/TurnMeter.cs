namespace VoiceAssistant.Local.Phone;

/// <summary>Measures the waits of a conversation from what is said and what is heard, frame by frame.</summary>
internal sealed class TurnMeter(CallTimes times)
{
    private readonly SpeechDetector _caller = new();
    private readonly SpeechDetector _assistant = new();

    private bool _awaitsAnswer;
    private long? _interruptedAt;

    public void Add(ReadOnlySpan<byte> said, ReadOnlySpan<byte> heard)
    {
        if (_caller.Add(said) == SpeechChange.Started)
        {
            _awaitsAnswer = true;
            if (_assistant.IsSpeaking)
            {
                _interruptedAt ??= _caller.StartedAt;
            }
        }

        switch (_assistant.Add(heard))
        {
            case SpeechChange.Started:
                times.SoundHeard(Duration(_assistant.StartedAt));
                TakeAnswer();
                break;

            case SpeechChange.Ended when _interruptedAt is { } interruptedAt:
                times.Interrupted(Duration(_assistant.EndedAt - interruptedAt));
                _interruptedAt = null;
                break;
        }
    }

    private void TakeAnswer()
    {
        // Where both talk at once, the assistant did not answer but cut in.
        var wait = _assistant.StartedAt - _caller.EndedAt;
        if (_awaitsAnswer && wait >= 0)
        {
            _awaitsAnswer = false;
            times.Answered(Duration(wait));
        }
    }

    private static TimeSpan Duration(long frames) => frames * Frame.Duration;
}
