using System.Text.Json;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.MediaBridge.Streams;

internal enum TwilioEvent
{
    Unknown,
    Connected,
    Start,
    Media,
    Mark,
    Dtmf,
    Stop,
}

/// <summary>One Twilio Media Streams message, read in place.</summary>
/// <remarks>
/// https://www.twilio.com/docs/voice/media-streams/websocket-messages. All memory points into the receive buffer: use it before the next
/// receive. Fields come in any order; unknown ones are skipped; numbers may be strings.
/// </remarks>
internal ref struct TwilioMessage
{
    public TwilioEvent Event { get; private set; }

    public ReadOnlyMemory<byte> StreamSid { get; private set; }

    /// <summary>Base64 of µ-law audio, 8000 bytes a second.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>Milliseconds since the stream's start at which the payload was spoken; null if Twilio did not say.</summary>
    public long? Timestamp { get; private set; }

    public ReadOnlyMemory<byte> MarkName { get; private set; }

    public ReadOnlyMemory<byte> Digit { get; private set; }

    /// <exception cref="JsonException">The bytes are not one JSON object, or a field of ours has another type.</exception>
    public static TwilioMessage Read(ReadOnlyMemory<byte> utf8)
    {
        var message = default(TwilioMessage);
        var reader = new Utf8JsonReader(utf8.Span);

        reader.ReadObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.NameIs("event"u8))
            {
                message.Event = ReadEvent(reader.ReadStringValue(utf8).Span);
            }
            else if (reader.NameIs("streamSid"u8))
            {
                message.StreamSid = reader.ReadStringValue(utf8);
            }
            else if (reader.NameIs("media"u8))
            {
                message.ReadMedia(ref reader, utf8);
            }
            else if (reader.NameIs("mark"u8))
            {
                message.MarkName = ReadMember(ref reader, "name"u8, utf8);
            }
            else if (reader.NameIs("dtmf"u8))
            {
                message.Digit = ReadMember(ref reader, "digit"u8, utf8);
            }
            else
            {
                reader.Skip();
            }
        }

        reader.ReadEnd();
        return message;
    }

    private void ReadMedia(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        // Of two the last one counts, and all of it.
        Payload = default;
        Timestamp = null;

        reader.ReadObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.NameIs("payload"u8))
            {
                Payload = reader.ReadStringValue(utf8);
            }
            else if (reader.NameIs("timestamp"u8))
            {
                Timestamp = reader.ReadNumberValue();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static ReadOnlyMemory<byte> ReadMember(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> utf8)
    {
        var value = default(ReadOnlyMemory<byte>);

        reader.ReadObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.NameIs(name))
            {
                value = reader.ReadStringValue(utf8);
            }
            else
            {
                reader.Skip();
            }
        }

        return value;
    }

    private static TwilioEvent ReadEvent(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("media"u8) ? TwilioEvent.Media
        : name.SequenceEqual("mark"u8) ? TwilioEvent.Mark
        : name.SequenceEqual("dtmf"u8) ? TwilioEvent.Dtmf
        : name.SequenceEqual("stop"u8) ? TwilioEvent.Stop
        : name.SequenceEqual("start"u8) ? TwilioEvent.Start
        : name.SequenceEqual("connected"u8) ? TwilioEvent.Connected
        : TwilioEvent.Unknown;
}
