using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>What Twilio says of a stream in its <c>start</c> message: claims, until the token has proven them.</summary>
internal sealed partial record StreamStart(byte[] StreamSid, string CallSid, string AccountSid, string Token)
{
    /// <summary>The call's trace, as the token says; none before that was consumed.</summary>
    public ActivityContext Trace { get; init; }

    /// <returns>Null unless every field that we rely on is there and well-formed, in the one audio format there is.</returns>
    /// <exception cref="JsonException">The message is not JSON.</exception>
    public static StreamStart? Read(ReadOnlyMemory<byte> utf8)
    {
        using var message = JsonDocument.Parse(utf8);
        try
        {
            return Read(message.RootElement);
        }
        catch (InvalidOperationException)
        {
            // A name or a value with an escape that stands for no character.
            return null;
        }
    }

    // A record prints its members, and one of these is a secret.
    public override string ToString() => nameof(StreamStart);

    private static StreamStart? Read(JsonElement message) =>
        message is { ValueKind: JsonValueKind.Object } root
            && Text(root, "streamSid") is { } streamSid && StreamSidForm().IsMatch(streamSid)
            && Object(root, "start") is { } start
            && Text(start, "streamSid") == streamSid
            && Text(start, "callSid") is { } callSid && CallSidForm().IsMatch(callSid)
            && Text(start, "accountSid") is { } accountSid && AccountSidForm().IsMatch(accountSid)
            && Object(start, "mediaFormat") is { } format && Text(format, "encoding") == "audio/x-mulaw"
            && Object(start, "customParameters") is { } parameters && Text(parameters, "token") is { } token
                ? new StreamStart(Encoding.ASCII.GetBytes(streamSid), callSid, accountSid, token)
                : null;

    private static JsonElement? Object(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    [GeneratedRegex(@"^MZ[0-9a-f]{32}\z")]
    private static partial Regex StreamSidForm();

    [GeneratedRegex(@"^CA[0-9a-f]{32}\z")]
    private static partial Regex CallSidForm();

    [GeneratedRegex(@"^AC[0-9a-f]{32}\z")]
    private static partial Regex AccountSidForm();
}
