using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace VoiceAssistant.Local.Phone.Streams;

/// <summary>Writes Twilio's messages, with its habit of numbers in strings: https://www.twilio.com/docs/voice/media-streams/websocket-messages.</summary>
internal static class StreamMessages
{
    // Everything in a media message but its payload, with every number at its longest.
    private const int MaxEnvelope = 256;

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
        Span<byte> payload = stackalloc byte[Base64.GetMaxEncodedToUtf8Length(Frame.Length)];
        Base64.EncodeToUtf8(frame, payload, out _, out _);

        var written = Utf8.TryWrite(
            output.GetSpan(MaxEnvelope + payload.Length),
            $$"""{"event":"media","sequenceNumber":"{{sequence}}","media":{"track":"inbound","chunk":"{{chunk}}","timestamp":"{{timestamp}}","payload":"{{payload}}"},"streamSid":"{{stream.StreamSid}}"}""",
            out var length);
        Debug.Assert(written);
        output.Advance(length);
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
}
