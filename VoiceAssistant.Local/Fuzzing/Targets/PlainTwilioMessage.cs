using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>What <see cref="TwilioMessage"/> should read.</summary>
/// <param name="IsMessage">Whether it is an object whose fields have the right types.</param>
/// <param name="IsCertain">False where a name is no text, at which the reader may stop or not.</param>
internal sealed record PlainTwilioMessage(bool IsMessage, bool IsCertain = true)
{
    public static readonly PlainTwilioMessage None = new(false);

    public TwilioEvent Event { get; private set; }

    public byte[] StreamSid { get; private set; } = [];

    public byte[] Payload { get; private set; } = [];

    public long? Timestamp { get; private set; }

    public byte[] MarkName { get; private set; } = [];

    public byte[] Digit { get; private set; } = [];

    // The last of several fields of a name counts, and all of it: as for everybody who reads into an object.
    public static PlainTwilioMessage Read(JsonElement root)
    {
        var expected = new PlainTwilioMessage(true);
        foreach (var property in root.EnumerateObject())
        {
            var name = PlainJson.Name(property);
            expected = name is null ? expected with { IsCertain = false } : expected.With(Encoding.UTF8.GetString(name), property.Value);
        }

        return expected;
    }

    private PlainTwilioMessage With(string name, JsonElement value)
    {
        switch (name)
        {
            case "event":
                return PlainJson.Text(value) is { } text ? this with { Event = EventOf(Encoding.UTF8.GetString(text)) } : None;
            case "streamSid":
                return PlainJson.Text(value) is { } streamSid ? this with { StreamSid = streamSid } : None;
            case "media":
                return Members(value, this with { Payload = [], Timestamp = null }, static (expected, member, inner) => member switch
                {
                    "payload" => PlainJson.Text(inner) is { } payload ? expected with { Payload = payload } : None,
                    "timestamp" => expected with { Timestamp = Number(inner) },
                    _ => expected,
                });
            case "mark":
                return Members(value, this with { MarkName = [] }, static (expected, member, inner) =>
                    member is not "name" ? expected : PlainJson.Text(inner) is { } mark ? expected with { MarkName = mark } : None);
            case "dtmf":
                return Members(value, this with { Digit = [] }, static (expected, member, inner) =>
                    member is not "digit" ? expected : PlainJson.Text(inner) is { } digit ? expected with { Digit = digit } : None);
            default:
                return this;
        }
    }

    private static PlainTwilioMessage Members(JsonElement value, PlainTwilioMessage expected, Func<PlainTwilioMessage, string, JsonElement, PlainTwilioMessage> read)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return None;
        }

        foreach (var property in value.EnumerateObject())
        {
            var name = PlainJson.Name(property);
            expected = name is null ? expected with { IsCertain = false } : read(expected, Encoding.UTF8.GetString(name), property.Value);
        }

        return expected;
    }

    private static TwilioEvent EventOf(string name) => name switch
    {
        "connected" => TwilioEvent.Connected,
        "start" => TwilioEvent.Start,
        "media" => TwilioEvent.Media,
        "mark" => TwilioEvent.Mark,
        "dtmf" => TwilioEvent.Dtmf,
        "stop" => TwilioEvent.Stop,
        _ => TwilioEvent.Unknown,
    };

    private static long? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt64(out var number) => number,
        JsonValueKind.String when long.TryParse(Encoding.Latin1.GetString(JsonMarshal.GetRawUtf8Value(value)[1..^1]), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };
}
