namespace VoiceAssistant.Local.Phone;

/// <summary>Tells sound from silence in a row of frames, by energy.</summary>
internal sealed class SpeechDetector
{
    // -46 dBFS: far above the hiss of a quiet line, far below speech, which lies around -20.
    private const double Threshold = 164.0 / 32768;

    // One loud frame is a click; and words have gaps of up to 150 ms within them.
    private const int FramesToStart = 2;
    private const int FramesToEnd = 10;

    private int _loud;
    private TimeSpan _loudSince;

    public bool IsSpeaking { get; private set; }

    /// <summary>The time of the first frame of the speech that is going on, or of the last one.</summary>
    public TimeSpan StartedAt { get; private set; }

    /// <summary>The time of the last frame of speech; null before there was any.</summary>
    public TimeSpan? EndedAt { get; private set; }

    /// <summary>How many frames came after that.</summary>
    public int Silence { get; private set; }

    public SpeechChange Add(ReadOnlySpan<byte> frame, TimeSpan time)
    {
        if (!IsLoud(frame))
        {
            _loud = 0;
            Silence++;
            if (!IsSpeaking || Silence < FramesToEnd)
            {
                return SpeechChange.None;
            }

            IsSpeaking = false;
            return SpeechChange.Ended;
        }

        if (++_loud == 1)
        {
            _loudSince = time;
        }

        var starts = !IsSpeaking && _loud >= FramesToStart;
        if (starts)
        {
            IsSpeaking = true;
            StartedAt = _loudSince;
        }

        if (IsSpeaking)
        {
            EndedAt = time;
            Silence = 0;
        }

        return starts ? SpeechChange.Started : SpeechChange.None;
    }

    private static bool IsLoud(ReadOnlySpan<byte> frame) => MuLaw.MeanPower(frame) > Threshold * Threshold;
}

internal enum SpeechChange
{
    None,
    Started,
    Ended,
}
