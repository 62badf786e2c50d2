using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace VoiceAssistant.Local.Phone.Streams;

/// <summary>Writes Twilio's messages, with its habit of numbers in strings: https://www.twilio.com/docs/voice/media-streams/websocket-messages.</summary>
internal static class StreamMessages
{
    public static void WriteConnected(IBufferWriter<byte> output) => output.Write("""{"event":"connected","protocol":"Call","version":"1.0.0"}"""u8);

    public static void WriteStart(IBufferWriter<byte> output, long sequence, StreamIdentity stream)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("event"u8, "start"u8);
        json.WriteString("sequenceNumber"u8, $"{sequence}");
        json.WriteStartObject("start"u8);
        json.WriteString("accountSid"u8, stream.AccountSid);
        json.WriteString("streamSid"u8, stream.StreamSid);
        json.WriteString("callSid"u8, stream.CallSid);
        json.WritePropertyName("tracks"u8);
        json.WriteRawValue("""["inbound"]"""u8);
        json.WritePropertyName("mediaFormat"u8);
        json.WriteRawValue("""{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}"""u8);
        json.WriteStartObject("customParameters"u8);
        foreach (var (name, value) in stream.Parameters)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteString("streamSid"u8, stream.StreamSid);
        json.WriteEndObject();
    }

    public static void WriteMedia(
        IBufferWriter<byte> output, long sequence, long chunk, long timestamp, ReadOnlySpan<byte> frame, StreamIdentity stream)
    {
        output.Write("{\"event\":\"media\",\"sequenceNumber\":\""u8);
        WriteNumber(output, sequence);
        output.Write("\",\"media\":{\"track\":\"inbound\",\"chunk\":\""u8);
        WriteNumber(output, chunk);
        output.Write("\",\"timestamp\":\""u8);
        WriteNumber(output, timestamp);
        output.Write("\",\"payload\":\""u8);
        Base64.EncodeToUtf8(frame, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(frame.Length)), out _, out var length);
        output.Advance(length);
        output.Write("\"},\"streamSid\":\""u8);
        Encoding.UTF8.GetBytes(stream.StreamSid, output);
        output.Write("\"}"u8);
    }

    /// <remarks>The name is as JSON holds it: what the server sent between its quotes goes back between ours.</remarks>
    public static void WriteMark(IBufferWriter<byte> output, long sequence, ReadOnlySpan<byte> name, StreamIdentity stream)
    {
        Encoding.UTF8.GetBytes($$"""{"event":"mark","sequenceNumber":"{{sequence}}","streamSid":"{{stream.StreamSid}}","mark":{"name":""", output);
        output.Write("\""u8);
        output.Write(name);
        output.Write("\"}}"u8);
    }

    public static void WriteDtmf(IBufferWriter<byte> output, long sequence, char digit, StreamIdentity stream) => Encoding.UTF8.GetBytes(
        $$$"""{"event":"dtmf","streamSid":"{{{stream.StreamSid}}}","sequenceNumber":"{{{sequence}}}","dtmf":{"track":"inbound_track","digit":"{{{digit}}}"}}""",
        output);

    public static void WriteStop(IBufferWriter<byte> output, long sequence, StreamIdentity stream) => Encoding.UTF8.GetBytes(
        $$"""{"event":"stop","sequenceNumber":"{{sequence}}","stop":{"accountSid":"{{stream.AccountSid}}","callSid":"{{stream.CallSid}}"},"streamSid":"{{stream.StreamSid}}"}""",
        output);

    private static void WriteNumber(IBufferWriter<byte> output, long number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(20), out var length);
        output.Advance(length);
    }
}
