using System.Buffers.Text;
using System.Text.Json;

namespace VoiceAssistant.MediaBridge.Sockets;

/// <summary>Reads values of a message without copying them out of the receive buffer.</summary>
internal static class JsonInPlace
{
    public static void ReadObject(this ref Utf8JsonReader reader)
    {
        // A Utf8JsonReader over an empty message does not read at all instead of failing.
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Expected an object.");
        }
    }

    /// <summary>Fails where something follows the object.</summary>
    public static void ReadEnd(this ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
        {
            throw new JsonException("Expected one object.");
        }
    }

    /// <summary>Whether the property just read has this name.</summary>
    public static bool NameIs(this in Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException exception)
        {
            // An escape that stands for no character, behind the first letters of the name.
            throw new JsonException("Expected valid text.", exception);
        }
    }

    /// <returns>The text of the string that follows, as it stands in <paramref name="utf8"/>; a copy only if it is escaped.</returns>
    public static ReadOnlyMemory<byte> ReadStringValue(this ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8) =>
        reader.TryReadStringValue(utf8, out var value) ? value : throw new JsonException("Expected a string.");

    /// <returns>False where no string follows; whatever does is skipped.</returns>
    public static bool TryReadStringValue(this ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8, out ReadOnlyMemory<byte> value)
    {
        value = default;
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return false;
        }

        if (!reader.ValueIsEscaped)
        {
            value = utf8.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            return true;
        }

        // Nobody is known to escape base64 or an id; JSON allows it (\/).
        var unescaped = new byte[reader.ValueSpan.Length];
        try
        {
            value = unescaped.AsMemory(0, reader.CopyString(unescaped));
            return true;
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("Expected valid text.", exception);
        }
    }

    /// <returns>The whole number that follows, also where it is written as a string; null for anything else.</returns>
    public static long? ReadNumberValue(this ref Utf8JsonReader reader)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String when Utf8Parser.TryParse(reader.ValueSpan, out long number, out var read) && read == reader.ValueSpan.Length:
                return number;
            case JsonTokenType.Number when reader.TryGetInt64(out var number):
                return number;
            default:
                reader.Skip();
                return null;
        }
    }
}
