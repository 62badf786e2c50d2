using System.Buffers;
using System.Text;
using System.Text.Json;
using VoiceAssistant.Local.Phone.Streams;

namespace VoiceAssistant.Tests.Local.Phone.Streams;

public class StreamMessagesTests
{
    private static readonly StreamIdentity Stream = new("MZ1", "CA1", "AC1", [new("token", "a\"b"), new("Größe", "3")]);

    // https://www.twilio.com/docs/voice/media-streams/websocket-messages
    [Fact]
    public void Connected_IsTwilios() => AssertJson(
        """{"event":"connected","protocol":"Call","version":"1.0.0"}""",
        StreamMessages.WriteConnected);

    [Fact]
    public void Start_IsTwilios() => AssertJson(
        """
        {"event":"start","sequenceNumber":"1",
         "start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1","tracks":["inbound"],
                  "mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},
                  "customParameters":{"token":"a\"b","Größe":"3"}},
         "streamSid":"MZ1"}
        """,
        output => StreamMessages.WriteStart(output, 1, Stream));

    [Fact]
    public void Media_IsTwilios() => AssertJson(
        $$$"""
        {"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2","timestamp":"20","payload":"{{{Convert.ToBase64String(Tone.Frame)}}}"},
         "streamSid":"MZ1"}
        """,
        output => StreamMessages.WriteMedia(output, 4, 2, 20, Tone.Frame, Stream));

    [Fact]
    public void Mark_IsTwilios() => AssertJson(
        """{"event":"mark","sequenceNumber":"4","streamSid":"MZ1","mark":{"name":"my \"own\" label"}}""",
        output => StreamMessages.WriteMark(output, 4, """my \"own\" label"""u8, Stream));

    [Fact]
    public void Dtmf_IsTwilios() => AssertJson(
        """{"event":"dtmf","streamSid":"MZ1","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"#"}}""",
        output => StreamMessages.WriteDtmf(output, 5, '#', Stream));

    [Fact]
    public void Stop_IsTwilios() => AssertJson(
        """{"event":"stop","sequenceNumber":"5","stop":{"accountSid":"AC1","callSid":"CA1"},"streamSid":"MZ1"}""",
        output => StreamMessages.WriteStop(output, 5, Stream));

    [Fact]
    public void Media_IsWrittenWithoutAllocating()
    {
        var output = new ArrayBufferWriter<byte>(1024);
        var frame = Tone.Frame;
        StreamMessages.WriteMedia(output, 1, 1, 0, frame, Stream);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            output.ResetWrittenCount();
            StreamMessages.WriteMedia(output, i, i, i, frame, Stream);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void AssertJson(string expected, Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);

        Assert.True(
            JsonElement.DeepEquals(JsonElement.Parse(expected), JsonElement.Parse(output.WrittenSpan)),
            Encoding.UTF8.GetString(output.WrittenSpan));
    }
}
