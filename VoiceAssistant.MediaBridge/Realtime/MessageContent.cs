using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>What is said, as it may stand in the span of a response: nowhere but in Development, and only where that was asked for.</summary>
/// <remarks>https://github.com/open-telemetry/semantic-conventions-genai, docs/gen-ai/gen-ai-input-messages.json and the two beside it.</remarks>
internal sealed class MessageContent(IOptions<RealtimeOptions> options, IHostEnvironment environment)
{
    // For a developer's eyes, and not for a web page: words stay readable in every language.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool IsWanted { get; } = options.Value.CaptureMessageContent.Trim().Equals("true", StringComparison.OrdinalIgnoreCase);

    public bool IsCaptured => IsWanted && environment.IsDevelopment();

    /// <summary>Whether the model writes down what the caller says.</summary>
    public bool HasCallersWords { get; } = SessionUpdate.Transcription(options.Value) is not null;

    /// <summary>What the assistant was told about itself.</summary>
    public string Instructions { get; } = new JsonArray(Part(SessionUpdate.Instructions(options.Value))).ToJsonString(Readable);

    /// <param name="texts">What the caller said, one turn after the other.</param>
    public static string Input(IEnumerable<string> texts) => new JsonArray([.. texts.Select(text => Message("user", [Part(text)]))]).ToJsonString(Readable);

    /// <param name="responseDone">The event.</param>
    /// <param name="finishReason">Why the response has ended.</param>
    /// <returns>What the assistant said; null if that was nothing, or reads otherwise than documented.</returns>
    public static string? Output(ReadOnlySpan<byte> responseDone, string finishReason)
    {
        try
        {
            var items = JsonNode.Parse(responseDone)?["response"]?["output"] as JsonArray ?? [];
            var parts = items.SelectMany(item => item?["content"] as JsonArray ?? []).Select(part => (string?)(part?["transcript"] ?? part?["text"])).OfType<string>().ToArray();
            if (parts is [])
            {
                return null;
            }

            var message = Message("assistant", [.. parts.Select(Part)]);
            message["finish_reason"] = finishReason;
            return new JsonArray(message).ToJsonString(Readable);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // Of another type, no Unicode, or there twice.
            return null;
        }
    }

    private static JsonObject Message(string role, JsonNode[] parts) => new() { ["role"] = role, ["parts"] = new JsonArray(parts) };

    private static JsonNode Part(string text) => new JsonObject { ["type"] = "text", ["content"] = text };
}
