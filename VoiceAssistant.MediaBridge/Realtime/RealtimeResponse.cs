using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>The part that we need of a <c>response.created</c> or <c>response.done</c> event.</summary>
internal sealed record RealtimeResponse(string? Id, string? Status, RealtimeResponse.Details? StatusDetails)
{
    /// <summary>What went wrong, where the status is failed: a code such as inference_rate_limit_exceeded.</summary>
    public string? ErrorCode => StatusDetails?.Error?.Code ?? StatusDetails?.Error?.Type;

    /// <exception cref="JsonException">A field has another type than documented.</exception>
    public static RealtimeResponse? Read(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, RealtimeJson.Default.ResponseEvent)?.Response;

    internal sealed record Details(RealtimeError? Error, string? Reason = null);
}

/// <summary>An error of the model's side. Its message is not kept: it may quote the key or the conversation.</summary>
/// <remarks>What is kept goes into the log, so it must be a word as those of the documents are; anything else counts as not said.</remarks>
internal sealed record RealtimeError(string? Type, string? Code, string? Param, string? EventId)
{
    private const int MaxWordLength = 100;

    private static readonly SearchValues<char> Word = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.[]");

    public string? Type { get; } = IsWord(Type) ? Type : null;

    public string? Code { get; } = IsWord(Code) ? Code : null;

    /// <summary>The field that is at fault, such as session.tools[0].name.</summary>
    public string? Param { get; } = IsWord(Param) ? Param : null;

    /// <inheritdoc cref="RealtimeResponse.Read" path="/exception"/>
    public static RealtimeError? Read(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, RealtimeJson.Default.ErrorEvent)?.Error;

    /// <summary>Whether every further request will meet it, in another session too: the account or the key is at fault.</summary>
    public static bool IsFatal(string? code) => code is
        "insufficient_quota" or "invalid_api_key" or "account_deactivated" or "billing_hard_limit_reached" or "beta_api_shape_disabled";

    public static bool IsRateLimit(string? code) => code is "rate_limit_exceeded" or "inference_rate_limit_exceeded" or "rate_limit_error";

    /// <summary>Whether it only says that what we sent has crossed with what the model did.</summary>
    public static bool IsBenign(string? code) => code is
        "response_cancel_not_active" or "conversation_already_has_active_response" or "input_audio_buffer_commit_empty"
        or "item_truncate_invalid_item_id";

    /// <summary>A code or status of the model's, as spans and metrics may show it.</summary>
    public static string TypeOf(string? code) => code is not "" && IsWord(code) ? code : "_OTHER";

    private static bool IsWord([NotNullWhen(true)] string? text) => text is { Length: <= MaxWordLength } && !text.AsSpan().ContainsAnyExcept(Word);

    /// <summary>A name or an id of the model's side that spans show, and nobody else needs: whatever else stands there counts as not said.</summary>
    internal sealed class WordConverter : JsonConverter<string?>
    {
        public override bool HandleNull => true;

        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType is not JsonTokenType.String)
            {
                reader.Skip();
                return null;
            }

            // None has characters that would have to be escaped.
            return reader.ValueSpan.Length is > 0 and <= MaxWordLength && Encoding.UTF8.GetString(reader.ValueSpan) is var text && IsWord(text) ? text : null;
        }

        public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => throw new NotSupportedException();
    }
}

/// <summary>The part that we need of a <c>session.created</c> event.</summary>
/// <param name="ExpiresAt">In seconds since 1970.</param>
/// <param name="Model">Who answers, as the other side names it.</param>
internal sealed record RealtimeSessionInfo(long? ExpiresAt, [property: JsonConverter(typeof(RealtimeError.WordConverter))] string? Model)
{
    /// <inheritdoc cref="RealtimeResponse.Read" path="/exception"/>
    public static RealtimeSessionInfo? Read(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, RealtimeJson.Default.SessionEvent)?.Session;

    public override string ToString() => nameof(RealtimeSessionInfo);
}

/// <summary>One of the limits that a <c>rate_limits.updated</c> event announces.</summary>
internal sealed record RealtimeRateLimit(double? Remaining, double? ResetSeconds)
{
    /// <returns>When the last of the limits that are reached is lifted.</returns>
    /// <inheritdoc cref="RealtimeResponse.Read" path="/exception"/>
    public static TimeSpan ReadReset(ReadOnlySpan<byte> utf8) => TimeSpan.FromSeconds(
        (JsonSerializer.Deserialize(utf8, RealtimeJson.Default.RateLimitsEvent)?.RateLimits ?? [])
            .Where(limit => limit is { Remaining: <= 0, ResetSeconds: > 0 and < 86_400 })
            .Max(limit => limit.ResetSeconds) ?? 0);
}

internal sealed record ResponseEvent(RealtimeResponse? Response);

internal sealed record ErrorEvent(RealtimeError? Error);

internal sealed record SessionEvent(RealtimeSessionInfo? Session);

internal sealed record RateLimitsEvent(RealtimeRateLimit[]? RateLimits);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ResponseEvent))]
[JsonSerializable(typeof(ErrorEvent))]
[JsonSerializable(typeof(ErrorMessageEvent))]
[JsonSerializable(typeof(ResponseReportEvent))]
[JsonSerializable(typeof(SessionEvent))]
[JsonSerializable(typeof(RateLimitsEvent))]
internal sealed partial class RealtimeJson : JsonSerializerContext;
