using System.Text.Json;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>The one event that comes fifty times a second, read in place.</summary>
internal static class AppendEvent
{
    /// <summary>The base64 between its quotes, which points into the message.</summary>
    /// <returns>False for any other event and for an append out of the ordinary: those take the long way.</returns>
    public static bool TryRead(ReadOnlySpan<byte> utf8, out ReadOnlySpan<byte> audio)
    {
        audio = default;
        var isAppend = false;
        var hasAudio = false;

        try
        {
            var reader = new Utf8JsonReader(utf8);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                // Escapes are for the long way: unescaping is work, and may fail.
                var isType = !reader.ValueIsEscaped && reader.ValueTextEquals("type"u8);
                var isAudio = !reader.ValueIsEscaped && reader.ValueTextEquals("audio"u8);
                if (!reader.Read() || reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped)
                {
                    return false;
                }

                if (isType && !isAppend && reader.ValueTextEquals("input_audio_buffer.append"u8))
                {
                    isAppend = true;
                }
                else if (isAudio && !hasAudio)
                {
                    hasAudio = true;
                    audio = reader.ValueSpan;
                }
                else
                {
                    return false;
                }
            }

            return isAppend && hasAudio && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
