using System.Text.Json;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>The message in which the bridge tells the model that a key was pressed.</summary>
internal static class KeyMessage
{
    /// <summary>All that a telephone can have.</summary>
    public const string Keys = "0123456789*#ABCD";

    private static readonly Dictionary<string, char> ByText = Keys.ToDictionary(Prompts.KeyPressed);

    /// <param name="item">A validated item.</param>
    /// <returns>Null for an item that says something else.</returns>
    public static char? Read(JsonElement item) =>
        item.TryGetProperty("role", out var role) && role.ValueEquals("system"u8)
        && item.GetProperty("content") is var content && content.GetArrayLength() == 1
        && ByText.TryGetValue(content[0].GetProperty("text").GetString()!, out var key) ? key : null;
}
