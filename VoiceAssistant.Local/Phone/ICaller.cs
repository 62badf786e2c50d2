namespace VoiceAssistant.Local.Phone;

/// <summary>Who holds the phone: the page, a WAV file, a test.</summary>
/// <remarks>One call never calls two of these at once.</remarks>
internal interface ICaller
{
    /// <summary>Fills the next 20 ms of what the caller says: 160 bytes of µ-law; on the phone's clock, while a stream is connected.</summary>
    void Speak(Span<byte> frame);

    /// <summary>The 160 bytes (20 ms) the caller hears now; 0xFF where nothing plays.</summary>
    void Hear(ReadOnlySpan<byte> frame);

    /// <summary>What happens to the call, as it happens.</summary>
    void Notice(PhoneEvent phoneEvent);
}
