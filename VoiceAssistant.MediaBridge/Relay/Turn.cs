using System.Text.Json.Serialization;

namespace VoiceAssistant.MediaBridge.Relay;

[JsonConverter(typeof(JsonStringEnumConverter<Speaker>))]
internal enum Speaker
{
    Caller,
    Assistant,

    /// <summary>Nobody: something happened that the assistant should know.</summary>
    System,
}

/// <summary>What one of them said, as far as the other has heard it.</summary>
internal sealed record Turn(Speaker Speaker, string Text)
{
    // A record prints its members, and what was said is nobody else's business.
    public override string ToString() => nameof(Turn);
}
