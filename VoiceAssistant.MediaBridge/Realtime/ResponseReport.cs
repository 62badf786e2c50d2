using System.Text.Json;
using System.Text.Json.Serialization;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>What a <c>response.done</c> says besides: tokens and tools. Only telemetry and the budgets read it, so a surprise in it harms no call.</summary>
/// <param name="Usage">Tokens.</param>
/// <param name="Output">Messages and tools.</param>
/// <param name="ConversationId">Which conversation it is of, to the model.</param>
internal sealed record ResponseReport(
    ResponseUsage? Usage, IReadOnlyList<ResponseReport.Item>? Output, [property: JsonConverter(typeof(RealtimeError.WordConverter))] string? ConversationId)
{
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

    internal sealed record Item(string? Type, string? Name, string? CallId);
}

/// <summary>Tokens that a response cost; the cached ones are among the input.</summary>
internal sealed record ResponseUsage(long? InputTokens, long? OutputTokens, ResponseUsage.Input? InputTokenDetails, ResponseUsage.Modalities? OutputTokenDetails)
{
    internal sealed record Input(long? TextTokens, long? AudioTokens, long? CachedTokens, Modalities? CachedTokensDetails);

    internal sealed record Modalities(long? TextTokens, long? AudioTokens);
}

internal sealed record ResponseReportEvent(ResponseReport? Response);
