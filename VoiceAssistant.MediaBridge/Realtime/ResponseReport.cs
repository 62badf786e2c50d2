using System.Text.Json;
using System.Text.Json.Serialization;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>What a <c>response.done</c> says besides: tokens, messages and tools. A surprise in it harms no call: the response counts as one that says none of it.</summary>
/// <param name="Usage">Tokens.</param>
/// <param name="Output">Messages and tools.</param>
/// <param name="ConversationId">Which conversation it is of, to the model.</param>
internal sealed record ResponseReport(
    ResponseUsage? Usage, IReadOnlyList<ResponseReport.Item>? Output, [property: JsonConverter(typeof(RealtimeError.WordConverter))] string? ConversationId)
{
    // Enough to see what came; a line of the log has its length.
    private const int MostTypes = 5;

    /// <returns>Null if it reads otherwise than documented.</returns>
    public static ResponseReport? TryRead(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, RealtimeJson.Default.ResponseReportEvent)?.Response;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public override string ToString() => nameof(ResponseReport);

    /// <summary>The calls of tools that wait for an output.</summary>
    public IEnumerable<string> CallIds => (Output ?? []).Where(item => item is { Type: "function_call" }).Select(item => item.CallId).OfType<string>();

    /// <summary>Whether it was written and not spoken.</summary>
    public bool HasText => (Output ?? []).Any(item => item?.Content?.Any(part => part is { Type: "output_text" }) is true);

    /// <summary>The types of its items and of their content, as the log may show them.</summary>
    public string Types => string.Join(
        ", ", (Output ?? []).SelectMany(item => item?.Content?.Select(part => part?.Type).Prepend(item.Type) ?? [item?.Type]).Select(RealtimeError.TypeOf).Distinct().Take(MostTypes));

    internal sealed record Item(
        [property: JsonConverter(typeof(RealtimeError.WordConverter))] string? Type, string? Name, string? CallId, IReadOnlyList<Part>? Content);

    internal sealed record Part([property: JsonConverter(typeof(RealtimeError.WordConverter))] string? Type);
}

/// <summary>Tokens that a response cost; the cached ones are among the input.</summary>
internal sealed record ResponseUsage(long? InputTokens, long? OutputTokens, ResponseUsage.Input? InputTokenDetails, ResponseUsage.Modalities? OutputTokenDetails)
{
    internal sealed record Input(long? TextTokens, long? AudioTokens, long? CachedTokens, Modalities? CachedTokensDetails);

    internal sealed record Modalities(long? TextTokens, long? AudioTokens);
}

internal sealed record ResponseReportEvent(ResponseReport? Response);
