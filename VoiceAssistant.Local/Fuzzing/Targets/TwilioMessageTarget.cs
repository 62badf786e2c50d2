using System.Text;
using System.Text.Json;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>One message of Twilio's: read as a slow reader reads it, or refused; what is passed on is JSON again.</summary>
internal sealed class TwilioMessageTarget : IFuzzTarget
{
    public string Name => "twilio";

    public IReadOnlyList<byte[]> Seeds { get; } = [.. Corpus.Twilio, .. TwilioSeeds.Messages];

    public int MaxLength => (64 * 1024) + 1;

    public string Run(ReadOnlySpan<byte> input)
    {
        ReadOnlyMemory<byte> utf8 = input.ToArray();
        using var document = PlainJson.TryParseObject(utf8);
        var expected = document is null ? PlainTwilioMessage.None : PlainTwilioMessage.Read(document.RootElement);

        TwilioMessage message;
        try
        {
            message = TwilioMessage.Read(utf8);
        }
        catch (JsonException)
        {
            FindingException.ThrowIf(expected is { IsMessage: true, IsCertain: true }, "A message is refused.");
            CheckStart(utf8, document, isMessage: false);
            return document is null ? "no JSON" : "refused";
        }

        FindingException.ThrowIf(!expected.IsMessage, "What is no message is accepted.");
        FindingException.ThrowIf(message.Event != expected.Event, "The event is another one.");
        Check(message.StreamSid, expected.StreamSid, "streamSid");
        Check(message.Payload, expected.Payload, "payload");
        Check(message.MarkName, expected.MarkName, "mark");
        Check(message.Digit, expected.Digit, "digit");
        FindingException.ThrowIf(message.Timestamp != expected.Timestamp, "The timestamp is another one.");

        return $"{message.Event}{CheckPayload(message.Payload)}{CheckMark(message.MarkName.Span)}{CheckStart(utf8, document, isMessage: true)}";
    }

    private static void Check(ReadOnlyMemory<byte> actual, byte[] expected, string field) =>
        FindingException.ThrowIf(!actual.Span.SequenceEqual(expected), $"The {field} is another one.");

    // As the caller's side passes it on.
    private static string CheckPayload(ReadOnlyMemory<byte> payload)
    {
        if (payload.IsEmpty || !AudioBase64.IsValid(payload.Span, out var bytes))
        {
            return payload.IsEmpty ? "" : ", no audio";
        }

        using var output = new PooledBuffer(256);
        RealtimeCommands.WriteAppend(output, payload.Span);
        using var append = PlainJson.TryParseObject(output.Written);
        FindingException.ThrowIf(append is null, "What goes to the model is no JSON.");
        var audio = append.RootElement.GetProperty("audio");
        FindingException.ThrowIf(!audio.ValueEquals(payload.Span) || audio.GetBytesFromBase64().Length != bytes, "What goes to the model is another audio.");
        return ", audio";
    }

    private static string CheckMark(ReadOnlySpan<byte> name)
    {
        if (!Mark.TryParse(name, out var mark))
        {
            return name.IsEmpty ? "" : ", no mark";
        }

        using var output = new PooledBuffer(64);
        mark.WriteName(output);
        FindingException.ThrowIf(!Mark.TryParse(output.Written.Span, out var again) || again != mark, "A mark does not survive being written.");
        return ", mark";
    }

    private static string CheckStart(ReadOnlyMemory<byte> utf8, JsonDocument? document, bool isMessage)
    {
        StreamStart? start;
        try
        {
            start = StreamStart.Read(utf8);
        }
        catch (JsonException)
        {
            FindingException.ThrowIf(document is not null, "A start is called no JSON.");
            return "";
        }

        if (start is null)
        {
            return "";
        }

        FindingException.ThrowIf(
            !IsSid("MZ", Encoding.ASCII.GetString(start.StreamSid)) || !IsSid("CA", start.CallSid) || !IsSid("AC", start.AccountSid), "A start has an id that is none.");
        FindingException.ThrowIf(isMessage && !start.StreamSid.AsSpan().SequenceEqual(TwilioMessage.Read(utf8).StreamSid.Span), "A start has two stream ids.");
        return ", start";
    }

    private static bool IsSid(string prefix, string id) =>
        id.Length == 34 && id.StartsWith(prefix, StringComparison.Ordinal) && id.Skip(2).All(char.IsAsciiHexDigitLower);
}
