using System.Text;
using System.Text.Json;
using VoiceAssistant.Local.Fuzzing;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

public sealed class TwilioMessageTests
{
    [Fact]
    public void Examples_AreReadRight()
    {
        Assert.Equal(
            [
                "Connected, sid=, payload=, timestamp=, mark=, digit=",
                "Start, sid=MZXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX, payload=, timestamp=, mark=, digit=",
                "Media, sid=MZXX…, payload=no+JhoaJjpzS…, timestamp=25, mark=, digit=",
                "Dtmf, sid=MZXX…, payload=, timestamp=, mark=, digit=1",
                "Mark, sid=MZXX…, payload=, timestamp=, mark=my label, digit=",
                "Stop, sid=MZXX…, payload=, timestamp=, mark=, digit=",
                "Media, sid=MZXX…, payload=a3242sa…, timestamp=, mark=, digit=",
                "Mark, sid=MZXX…, payload=, timestamp=, mark=r7-3-1840, digit=",
                "Unknown, sid=MZXX…, payload=, timestamp=, mark=, digit=",
            ],
            Corpus.Twilio.Select(Describe));
    }

    [Fact]
    public void Fields_AreRead_InAnyOrder()
    {
        string[] media = ["\"track\":\"inbound\"", "\"chunk\":\"2\"", "\"timestamp\":\"25\"", "\"payload\":\"fn8A\""];

        foreach (var inner in Permutations(media))
        {
            string[] outer = ["\"event\":\"media\"", "\"sequenceNumber\":\"4\"", $"\"media\":{{{string.Join(',', inner)}}}", "\"streamSid\":\"MZ1\""];
            foreach (var fields in Permutations(outer))
            {
                Assert.Equal("Media, sid=MZ1, payload=fn8A, timestamp=25, mark=, digit=", Describe($"{{{string.Join(',', fields)}}}"));
            }
        }
    }

    [Fact]
    public void Payload_StandsInTheReceiveBuffer_AsItCame()
    {
        var bytes = """ { "event" : "media" , "media" : { "payload" : "fn9/f35+" } } """u8.ToArray();

        Assert.True(TwilioMessage.Read(bytes).Payload.Span.Overlaps(bytes, out var offset));
        Assert.Equal(Encoding.UTF8.GetString(bytes).IndexOf("fn9/", StringComparison.Ordinal), -offset);
    }

    [Theory]
    [InlineData("""{"event":"media","media":{"payload":"fn9\/f35+"}}""", "Media, sid=, payload=fn9/f35+, timestamp=, mark=, digit=")]
    [InlineData("""{"event":"media","media":{"payload":"fn9\u002ff35\u002b"}}""", "Media, sid=, payload=fn9/f35+, timestamp=, mark=, digit=")]
    [InlineData("""{"\u0065vent":"medi\u0061","m\u0065dia":{"payl\u006fad":"fn8A"}}""", "Media, sid=, payload=fn8A, timestamp=, mark=, digit=")]
    [InlineData("""{"event":"mark","mark":{"name":"a \"b\" \\ ü"}}""", "Mark, sid=, payload=, timestamp=, mark=a \"b\" \\ ü, digit=")]
    public void Escapes_AreUndone(string json, string expected) => Assert.Equal(expected, Describe(json));

    [Theory]
    [InlineData("\"25\"", 25L)]
    [InlineData("25", 25L)]
    [InlineData("0", 0L)]
    [InlineData("\"-5\"", -5L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("\"9223372036854775807\"", long.MaxValue)]
    [InlineData("9223372036854775808", null)]
    [InlineData("\"9223372036854775808\"", null)]
    [InlineData("25.5", null)]
    [InlineData("1e999", null)]
    [InlineData("\"25ms\"", null)]
    [InlineData("\"25 \"", null)]
    [InlineData("\"\"", null)]
    [InlineData("\"\\u0032\"", null)]
    [InlineData("null", null)]
    [InlineData("true", null)]
    [InlineData("{\"a\":[1]}", null)]
    [InlineData("[25]", null)]
    public void Timestamp_IsRead_AsANumberOrAStringOrNotAtAll(string timestamp, long? expected)
    {
        var message = TwilioMessage.Read(Bytes($$$"""{"media":{"timestamp":{{{timestamp}}},"payload":"fn8A"},"event":"media"}"""));

        Assert.Equal(expected, message.Timestamp);
        Assert.Equal("fn8A"u8, message.Payload.Span);
    }

    [Theory]
    [InlineData("""{"new":{"event":"stop","media":{"payload":"x"}},"event":"media","media":{"new":[{"payload":"y"}],"payload":"fn8A","event":"stop"},"list":[[],{}]}""")]
    [InlineData("""{"event":"stop","event":"media","media":{"payload":"x"},"media":{"payload":"y","payload":"fn8A"}}""")]
    [InlineData("""{"event":"media","media":{"payload":"fn8A"},"":0,"eventx":"stop","even":"stop","Event":"stop","EVENT":1}""")]
    public void OtherFields_ChangeNothing_AndTheLastOfTwoCounts(string json) =>
        Assert.Equal("Media, sid=, payload=fn8A, timestamp=, mark=, digit=", Describe(json));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"event":""}""")]
    [InlineData("""{"event":"MEDIA"}""")]
    [InlineData("""{"event":"mediax"}""")]
    [InlineData("""{"event":"start "}""")]
    public void OtherEvents_AreUnknown(string json) => Assert.Equal(TwilioEvent.Unknown, TwilioMessage.Read(Bytes(json)).Event);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("\"event\"")]
    [InlineData("[]")]
    [InlineData("{}{}")]
    [InlineData("{} x")]
    [InlineData("{\"event\":\"media\",}")]
    [InlineData("{\"event\":\"media\"/**/}")]
    [InlineData("\uFEFF{\"event\":\"media\"}")]
    [InlineData("{\"event\":null}")]
    [InlineData("{\"event\":1}")]
    [InlineData("{\"event\":[\"media\"]}")]
    [InlineData("{\"event\":\"med\nia\"}")]
    [InlineData("{\"event\":\"\\x\"}")]
    [InlineData("{\"event\":\"\\ud800\"}")]
    [InlineData("{\"e\\ud800\":\"media\"}")]
    [InlineData("{\"media\":{\"p\\udc00\":\"media\"}}")]
    [InlineData("{\"streamSid\":null}")]
    [InlineData("{\"media\":null}")]
    [InlineData("{\"media\":\"fn8A\"}")]
    [InlineData("{\"media\":[]}")]
    [InlineData("{\"media\":{\"payload\":1}}")]
    [InlineData("{\"media\":{\"payload\":null}}")]
    [InlineData("{\"mark\":\"name\"}")]
    [InlineData("{\"mark\":{\"name\":{}}}")]
    [InlineData("{\"dtmf\":{\"digit\":3}}")]
    public void Message_IsNotOne_WithOtherTypesOrMoreThanAnObject(string json) =>
        Assert.ThrowsAny<JsonException>(() => Describe(json));

    [Fact]
    public void Message_IsNotOne_WhereverItIsCutOff()
    {
        foreach (var example in Corpus.Twilio)
        {
            for (var length = 0; length < example.Length; length++)
            {
                Assert.ThrowsAny<JsonException>(() => Describe(example[..length]));
            }
        }
    }

    [Fact]
    public void Nesting_IsSkippedOrRefused_HoweverDeep()
    {
        Assert.Equal(TwilioEvent.Media, TwilioMessage.Read(Nested(50)).Event);
        Assert.ThrowsAny<JsonException>(() => Describe(Nested(30_000)));

        static byte[] Nested(int depth) => Bytes($$"""{"a":{{new string('[', depth)}}{{new string(']', depth)}},"event":"media"}""");
    }

    [Fact(Skip = Build.DebugAllocates, SkipWhen = nameof(Build.IsDebug), SkipType = typeof(Build))]
    public void CallerAudio_IsTranslated_WithoutAllocating()
    {
        var frame = Bytes($$$"""{"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2","timestamp":"25","payload":"{{{Convert.ToBase64String(new byte[160])}}}"},"streamSid":"MZ1"}""");
        using var output = new PooledBuffer(4096);

        Translate();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Translate();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Translate()
        {
            for (var i = 0; i < 10_000; i++)
            {
                output.Clear();
                RealtimeCommands.WriteAppend(output, TwilioMessage.Read(frame).Payload.Span);
            }
        }
    }

    private static string Describe(string json) => Describe(Bytes(json));

    private static string Describe(byte[] utf8)
    {
        var message = TwilioMessage.Read(utf8);
        return $"{message.Event}, sid={Text(message.StreamSid)}, payload={Text(message.Payload)}, timestamp={message.Timestamp}, mark={Text(message.MarkName)}, digit={Text(message.Digit)}";
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    private static IEnumerable<string[]> Permutations(string[] fields)
    {
        if (fields.Length < 2)
        {
            return [fields];
        }

        return fields.SelectMany((first, i) =>
            Permutations([.. fields[..i], .. fields[(i + 1)..]]).Select(rest => (string[])[first, .. rest]));
    }
}
