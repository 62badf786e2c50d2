using System.Text.Json;
using System.Text.RegularExpressions;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>What the model says about settings that it refuses. The message is not kept, as it may quote them: only names in it are.</summary>
internal sealed partial class SettingsRefusal
{
    private const int MostValues = 16;

    /// <summary>Such as invalid_value.</summary>
    public required string? Code { get; init; }

    /// <summary>Such as session.audio.output.voice; null where the model does not say.</summary>
    public required string? Field { get; init; }

    /// <summary>Whether the message speaks of the transcription: some of its models allow no turn detection, and the field is turn_detection then.</summary>
    /// <remarks>"Turn detection is not supported for this transcription model": https://github.com/OpenWhispr/openwhispr/pull/2077</remarks>
    public required bool BlamesTranscription { get; init; }

    /// <summary>Whether it is the model that cannot take settings just now, and no field is at fault.</summary>
    public required bool IsModelsFault { get; init; }

    /// <summary>The values that the field may have, separated by commas; empty where the model does not say.</summary>
    public required string Supported { get; init; }

    /// <inheritdoc cref="RealtimeResponse.Read" path="/exception"/>
    public static SettingsRefusal Read(ReadOnlySpan<byte> utf8)
    {
        var error = RealtimeError.Read(utf8);
        var message = MessageIn(utf8);
        var code = error?.Code ?? error?.Type;
        return new SettingsRefusal
        {
            Code = code,
            Field = error?.Param is { Length: > 0 } field ? field : FieldIn(message),
            BlamesTranscription = message.Contains("transcription", StringComparison.OrdinalIgnoreCase),
            IsModelsFault = error?.Type is "server_error" or "rate_limit_error" || code is "server_error" || RealtimeError.IsRateLimit(code) || RealtimeError.IsFatal(code),
            Supported = SupportedIn(message),
        };
    }

    private static string MessageIn(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, RealtimeJson.Default.ErrorMessageEvent)?.Error?.Message ?? "";
        }
        catch (JsonException)
        {
            // What is no text says nothing.
            return "";
        }
    }

    private static string? FieldIn(string message) =>
        FieldName().Matches(message).Select(name => name.Groups[1].Value).Distinct().Take(2).ToArray() is [var only] ? only : null;

    private static string SupportedIn(string message) =>
        message.IndexOf("Supported values are", StringComparison.Ordinal) is >= 0 and var start
            ? string.Join(", ", Value().Matches(message[start..]).Take(MostValues).Select(value => value.Groups[1].Value))
            : "";

    // Unknown parameter: 'session.tools[2].meta'.
    [GeneratedRegex(@"'(session[.\[][A-Za-z0-9_.\[\]]{1,90})'")]
    private static partial Regex FieldName();

    // Invalid value: 'nova'. Supported values are: 'alloy', 'ash', and 'ballad'.
    [GeneratedRegex("'([A-Za-z0-9_.-]{1,40})'")]
    private static partial Regex Value();
}

internal sealed record ErrorMessageEvent(ErrorMessage? Error);

internal sealed record ErrorMessage(string? Message)
{
    // A record prints its members, and this one may quote the key or the conversation.
    public override string ToString() => nameof(ErrorMessage);
}
