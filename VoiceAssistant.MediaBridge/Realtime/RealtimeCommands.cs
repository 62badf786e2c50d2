using System.Buffers;
using System.Buffers.Text;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>The events we send to the model while a call runs.</summary>
/// <remarks>https://platform.openai.com/docs/api-reference/realtime-client-events</remarks>
internal static class RealtimeCommands
{
    /// <summary><c>{"type":"input_audio_buffer.append","audio":"base64"}</c>, which is not answered.</summary>
    public static void WriteAppend(IBufferWriter<byte> output, ReadOnlySpan<byte> base64)
    {
        output.Write("{\"type\":\"input_audio_buffer.append\",\"audio\":\""u8);
        output.Write(base64);
        output.Write("\"}"u8);
    }

    /// <summary>Tells the model how much of an item the caller has heard; what it said beyond that, it has not said.</summary>
    /// <param name="output">Where the event is written to.</param>
    /// <param name="itemId">As the model wrote it.</param>
    /// <param name="milliseconds">Never more than was received of the item: the model answers that with an error.</param>
    public static void WriteTruncate(IBufferWriter<byte> output, ReadOnlySpan<byte> itemId, long milliseconds)
    {
        output.Write("{\"type\":\"conversation.item.truncate\",\"event_id\":\"truncate\",\"item_id\":\""u8);
        output.Write(itemId);
        output.Write("\",\"content_index\":0,\"audio_end_ms\":"u8);

        Utf8Formatter.TryFormat(milliseconds, output.GetSpan(20), out var length);
        output.Advance(length);
        output.Write("}"u8);
    }
}
