namespace VoiceAssistant.Local.Phone;

internal enum PhoneEventKind
{
    Dialling,

    /// <summary>A stream is open and its start was sent.</summary>
    Connected,

    /// <summary>The text of a &lt;Say&gt;.</summary>
    Said,

    StreamEnded,

    /// <summary>The last event; its text says why the call ended.</summary>
    Ended,
}

internal sealed record PhoneEvent(PhoneEventKind Kind, string? Text = null);
