using System.Buffers.Text;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>Audio as it stands in both sides' messages: base64 that goes from one JSON string into the other as it is.</summary>
internal static class AudioBase64
{
    /// <param name="base64">The text of the JSON string, its escapes undone.</param>
    /// <param name="bytes">Length of the decoded audio.</param>
    public static bool IsValid(ReadOnlySpan<byte> base64, out int bytes) =>
        // Blanks and line breaks are valid in base64, but not in a JSON string; the length tells of them.
        Base64.IsValid(base64, out bytes) && base64.Length == Base64.GetMaxEncodedToUtf8Length(bytes);
}
