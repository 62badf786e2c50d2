using System.Text.Json.Serialization;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What the assistant still owes the caller.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OpenTurn>))]
internal enum OpenTurn
{
    None,

    /// <summary>Nothing has been said yet.</summary>
    Greeting,

    /// <summary>The caller has spoken.</summary>
    Answer,

    /// <summary>The assistant was in mid-sentence.</summary>
    RestOfAnswer,

    /// <summary>The caller has spoken, and nobody knows what they said.</summary>
    Question,

    /// <summary>The line broke without a warning, and nobody knows at what.</summary>
    CutOff,
}
