using System.Text;
using System.Text.Json;

namespace VoiceAssistant.Local.Phone.Streams;

internal enum BridgeEvent
{
    /// <summary>Nothing that Twilio would act on.</summary>
    None,
    Media,
    Mark,
    Clear,
}

/// <summary>A message of the server's, read in place as strictly as Twilio reads it.</summary>
/// <remarks>The spans point into the receive buffer: use them before the next receive.</remarks>
internal ref struct BridgeMessage
{
    // https://www.twilio.com/docs/api/errors/31924 and 31951.
    private const int Unsupported = 31924;
    private const int Invalid = 31951;

    private bool _hasEvent;
    private bool _hasStreamSid;
    private bool _hasMedia;
    private bool _hasMark;

    /// <summary>What to do; a message with a warning may still be one to act on.</summary>
    public BridgeEvent Event { get; private set; }

    public ProtocolWarning? Warning { get; private set; }

    /// <summary>The base64 audio.</summary>
    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>The mark's name as it stood between its quotes, so it can go into another JSON string as it is.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    public static ProtocolWarning MalformedPayload { get; } = new(Invalid, "A media message's payload is not base64.");

    public static ProtocolWarning Overflow { get; } = new(Unsupported, "The server sent more than ten minutes of audio, or a megabyte of marks, ahead.");

    public static BridgeMessage Read(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> streamSid)
    {
        var message = default(BridgeMessage);
        try
        {
            message.ReadMembers(utf8, streamSid);
            message.Check();
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException)
        {
            // The latter for escapes that are no text, such as half a surrogate pair.
            message.Reject("A message is not one JSON object.");
        }

        return message;
    }

    private static string Shorten(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 32)]);

    private static ReadOnlySpan<byte> Unescape(scoped ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        var unescaped = new byte[reader.ValueSpan.Length];
        return unescaped.AsSpan(0, reader.CopyString(unescaped));
    }

    private void ReadMembers(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> streamSid)
    {
        var reader = new Utf8JsonReader(utf8);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("event"u8))
            {
                ReadEvent(ref reader);
            }
            else if (reader.ValueTextEquals("streamSid"u8))
            {
                reader.Read();
                _hasStreamSid = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(streamSid);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("media"u8))
            {
                _hasMedia = TryReadOnly(ref reader, "payload"u8, out var payload);
                Payload = payload;
            }
            else if (reader.ValueTextEquals("mark"u8))
            {
                _hasMark = TryReadOnly(ref reader, "name"u8, out var name);
                Name = name;
            }
            else
            {
                WarnOfField(reader.ValueSpan);
                reader.Skip();
            }
        }

        // Anything after the object throws.
        reader.Read();
    }

    private void ReadEvent(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return;
        }

        _hasEvent = true;
        Event =
            reader.ValueTextEquals("media"u8) ? BridgeEvent.Media :
            reader.ValueTextEquals("mark"u8) ? BridgeEvent.Mark :
            reader.ValueTextEquals("clear"u8) ? BridgeEvent.Clear : BridgeEvent.None;

        if (Event == BridgeEvent.None)
        {
            Warn(Unsupported, $"A message has the event \"{Shorten(reader.ValueSpan)}\"; Twilio takes media, mark and clear.");
        }
    }

    /// <summary>Reads an object with this one string in it.</summary>
    private bool TryReadOnly(scoped ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value)
    {
        value = default;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        var found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var known = reader.ValueTextEquals(field);
            if (!known)
            {
                WarnOfField(reader.ValueSpan);
            }

            reader.Read();
            if (known && reader.TokenType == JsonTokenType.String)
            {
                value = field.SequenceEqual("payload"u8) ? Unescape(ref reader) : reader.ValueSpan;
                found = true;
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }

    private void Check()
    {
        if (!_hasEvent)
        {
            Reject("A message has no event.");
        }
        else if (!_hasStreamSid)
        {
            Reject("A message does not carry this stream's streamSid.");
        }
        else if (Event == BridgeEvent.Media && !_hasMedia)
        {
            Reject("A media message has no payload.");
        }
        else if (Event == BridgeEvent.Mark && !_hasMark)
        {
            Reject("A mark message has no name.");
        }
    }

    private void Reject(string text)
    {
        Event = BridgeEvent.None;
        Warn(Invalid, text);
    }

    private void WarnOfField(ReadOnlySpan<byte> name) =>
        Warn(Invalid, $"A message has the field \"{Shorten(name)}\", which Twilio does not know.");

    private void Warn(int code, string text) => Warning ??= new(code, text);
}
