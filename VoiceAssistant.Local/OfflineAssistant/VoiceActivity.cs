namespace VoiceAssistant.Local.OfflineAssistant;

internal enum VoiceChange
{
    None,
    Started,
    Stopped,
}

/// <summary>Tells a voice from the line's noise by its power, one window of 20 ms after the other.</summary>
internal sealed class VoiceActivity
{
    public const int WindowMs = 20;
    public const int WindowBytes = WindowMs * MuLaw.BytesPerMs;

    /// <summary>A voice is there when this many windows in a row are loud: 60 ms, longer than a click.</summary>
    public const int OnsetWindows = 3;

    // Once begun, words may fade by 6 dB before they count as silence.
    private const double Fading = 0.25;

    private readonly NoiseFloor _noise = new();
    private int _loudWindows;
    private int _quietWindows;

    public bool IsSpeaking { get; private set; }

    public VoiceChange Examine(ReadOnlySpan<byte> window, TurnDetection detection)
    {
        var power = MuLaw.MeanPower(window);
        var least = Math.Max(detection.LeastPower, _noise.Power * detection.OverNoise) * (IsSpeaking ? Fading : 1);
        _noise.Add(power);

        var isLoud = power > least;
        _loudWindows = isLoud ? _loudWindows + 1 : 0;
        _quietWindows = isLoud ? 0 : _quietWindows + 1;

        if (!IsSpeaking && _loudWindows >= OnsetWindows)
        {
            IsSpeaking = true;
            return VoiceChange.Started;
        }

        if (IsSpeaking && _quietWindows > 0 && _quietWindows * WindowMs >= detection.SilenceDurationMs)
        {
            IsSpeaking = false;
            return VoiceChange.Stopped;
        }

        return VoiceChange.None;
    }

    /// <summary>Forgets the voice, not the line's noise.</summary>
    public void Reset()
    {
        IsSpeaking = false;
        _loudWindows = 0;
        _quietWindows = 0;
    }
}
