namespace VoiceAssistant.Local.Phone;

/// <summary>Measures the waits of a conversation from what is said and what is heard, frame by frame.</summary>
internal sealed class TurnMeter(CallTimes times)
{
    // What is exchanged on a tick was said in the 20 ms before it, and is heard in the 20 ms after it.
    private const int HeardLater = 1;

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
                times.SoundHeard(Duration(_assistant.StartedAt + HeardLater));
                TakeAnswer();
                break;

            case SpeechChange.Ended when _interruptedAt is { } interruptedAt:
                times.Interrupted(Duration(_assistant.EndedAt + HeardLater - interruptedAt));
                _interruptedAt = null;
                break;
        }
    }

    private void TakeAnswer()
    {
        // Where both talk at once, the assistant did not answer but cut in.
        var wait = _assistant.StartedAt + HeardLater - _caller.EndedAt;
        if (_awaitsAnswer && wait >= 0)
        {
            _awaitsAnswer = false;
            times.Answered(Duration(wait));
        }
    }

    private static TimeSpan Duration(long frames) => frames * Frame.Duration;
}
