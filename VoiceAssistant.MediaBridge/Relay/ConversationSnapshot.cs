using System.Text.Json.Serialization;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>All that another session, or another replica, needs to go on with a conversation: text, no audio.</summary>
/// <param name="Turns">What was said last, oldest first; bounded, so the beginning of a long call is missing.</param>
/// <param name="Open">What the assistant still owes the caller.</param>
internal sealed record ConversationSnapshot(IReadOnlyList<Turn> Turns, OpenTurn Open)
{
    // A record prints its members, and what was said is nobody else's business.
    public override string ToString() => nameof(ConversationSnapshot);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ConversationSnapshot))]
internal sealed partial class SnapshotJson : JsonSerializerContext;
