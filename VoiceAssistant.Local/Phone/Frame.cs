namespace VoiceAssistant.Local.Phone;

/// <summary>The unit in which Twilio carries a call's audio: 20 ms of 8 kHz µ-law, a byte a sample.</summary>
internal static class Frame
{
    public const int Length = 160;

    public const int Milliseconds = 20;

    public const int PerSecond = 1000 / Milliseconds;

    public static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(Milliseconds);
}
