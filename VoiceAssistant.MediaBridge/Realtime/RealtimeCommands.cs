using System.Buffers;
using System.Text.Json;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>The events we send to the model while a call runs.</summary>
/// <remarks>https://platform.openai.com/docs/api-reference/realtime-client-events</remarks>
internal static class RealtimeCommands
{
    /// <summary>The event's id, by which an error that refuses it is known.</summary>
    public const string TruncateEventId = "truncate";

    /// <summary><c>{"type":"input_audio_buffer.append","audio":"base64"}</c>, which is not answered.</summary>
    public static void WriteAppend(IBufferWriter<byte> output, ReadOnlySpan<byte> base64)
    {
        output.Write("{\"type\":\"input_audio_buffer.append\",\"audio\":\""u8);
        output.Write(base64);
        output.Write("\"}"u8);
    }

    /// <summary>Tells the model how much of an item the caller has heard; what it said beyond that, it has not said.</summary>
    /// <param name="output">Where the event is written to.</param>
    /// <param name="itemId">The text of the id, not as it stood in JSON.</param>
    /// <param name="milliseconds">Never more than was received of the item: the model answers that with an error.</param>
    public static void WriteTruncate(IBufferWriter<byte> output, ReadOnlySpan<byte> itemId, long milliseconds)
    {
        using var json = new Utf8JsonWriter(output);

        json.WriteStartObject();
        json.WriteString("type"u8, "conversation.item.truncate"u8);
        json.WriteString("event_id"u8, TruncateEventId);
        json.WriteString("item_id"u8, itemId);
        json.WriteNumber("content_index"u8, 0);
        json.WriteNumber("audio_end_ms"u8, milliseconds);
        json.WriteEndObject();
    }
}
