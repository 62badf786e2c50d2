using System.Buffers;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>What may be sent to Twilio: exactly these three messages with exactly these fields (else warning 31951).</summary>
/// <remarks>https://www.twilio.com/docs/voice/media-streams/websocket-messages#send-websocket-messages-to-twilio</remarks>
internal static class TwilioCommands
{
    /// <summary><c>{"event":"media","streamSid":"MZ…","media":{"payload":"base64"}}</c>: µ-law of any length, played in the order sent.</summary>
    public static void WriteMedia(IBufferWriter<byte> output, ReadOnlySpan<byte> streamSid, ReadOnlySpan<byte> base64)
    {
        output.Write("{\"event\":\"media\",\"streamSid\":\""u8);
        output.Write(streamSid);
        output.Write("\",\"media\":{\"payload\":\""u8);
        output.Write(base64);
        output.Write("\"}}"u8);
    }

    /// <summary><c>{"event":"mark","streamSid":"MZ…","mark":{"name":"7-3-14720"}}</c>: comes back when all audio before it has been played.</summary>
    public static void WriteMark(IBufferWriter<byte> output, ReadOnlySpan<byte> streamSid, in Mark mark)
    {
        output.Write("{\"event\":\"mark\",\"streamSid\":\""u8);
        output.Write(streamSid);
        output.Write("\",\"mark\":{\"name\":\""u8);
        mark.WriteName(output);
        output.Write("\"}}"u8);
    }

    /// <summary><c>{"event":"clear","streamSid":"MZ…"}</c>: empties the play-out buffer; all pending marks come back at once.</summary>
    public static void WriteClear(IBufferWriter<byte> output, ReadOnlySpan<byte> streamSid)
    {
        output.Write("{\"event\":\"clear\",\"streamSid\":\""u8);
        output.Write(streamSid);
        output.Write("\"}"u8);
    }
}
