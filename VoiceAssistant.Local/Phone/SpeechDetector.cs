namespace VoiceAssistant.Local.Phone;

/// <summary>Tells sound from silence in a row of frames, by energy. Positions are counted in frames.</summary>
internal sealed class SpeechDetector
{
    // -46 dBFS: far above the hiss of a quiet line, far below speech, which lies around -20.
    private const int Threshold = 164;

    // One loud frame is a click; and words have gaps of up to 150 ms within them.
    private const int FramesToStart = 2;
    private const int FramesToEnd = 10;

    private static readonly int[] Squares = [.. Enumerable.Range(0, 256).Select(code => MuLaw.Decode((byte)code) * MuLaw.Decode((byte)code))];

    private long _position;
    private int _loud;

    public bool IsSpeaking { get; private set; }

    /// <summary>The first frame of the speech that is going on, or of the last one.</summary>
    public long StartedAt { get; private set; }

    /// <summary>The frame after the last loud one; while silence lasts it tells for how long.</summary>
    public long EndedAt { get; private set; }

    /// <summary>How many frames of silence came last.</summary>
    public long Silence => _position - EndedAt;

    public SpeechChange Add(ReadOnlySpan<byte> frame)
    {
        var loud = IsLoud(frame);
        _position++;
        _loud = loud ? _loud + 1 : 0;

        if (IsSpeaking)
        {
            if (loud)
            {
                EndedAt = _position;
            }
            else if (Silence >= FramesToEnd)
            {
                IsSpeaking = false;
                return SpeechChange.Ended;
            }
        }
        else if (_loud >= FramesToStart)
        {
            IsSpeaking = true;
            StartedAt = _position - _loud;
            EndedAt = _position;
            return SpeechChange.Started;
        }

        return SpeechChange.None;
    }

    private static bool IsLoud(ReadOnlySpan<byte> frame)
    {
        var energy = 0L;
        foreach (var code in frame)
        {
            energy += Squares[code];
        }

        return energy > (long)Threshold * Threshold * frame.Length;
    }
}

internal enum SpeechChange
{
    None,
    Started,
    Ended,
}
