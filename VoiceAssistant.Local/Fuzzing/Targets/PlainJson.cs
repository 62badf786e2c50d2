using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>Reads the messages' fields a second time, from a <see cref="JsonDocument"/>: slowly, and independently of the readers under test.</summary>
internal static class PlainJson
{
    /// <returns>Null where the bytes are not one JSON object.</returns>
    public static JsonDocument? TryParseObject(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            var document = JsonDocument.Parse(utf8);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
        }
        catch (JsonException)
        {
        }

        return null;
    }

    /// <summary>The text of a string, unescaped; null for any other value and for text that is none.</summary>
    public static byte[]? Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        return Unescape(JsonMarshal.GetRawUtf8Value(value)[1..^1]);
    }

    /// <summary>The name, unescaped; null where it is no text.</summary>
    public static byte[]? Name(JsonProperty property) => Unescape(JsonMarshal.GetRawUtf8PropertyName(property));

    // The readers compare bytes, and leave it to the socket whether they are UTF-8; but an escape must stand for a character.
    private static byte[]? Unescape(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains((byte)'\\'))
        {
            return raw.ToArray();
        }

        try
        {
            return Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>((byte[])[(byte)'"', .. raw, (byte)'"'])!);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
