using System.Globalization;
using System.Text.Json.Nodes;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>The first thing the model is told: how to listen and how to speak.</summary>
/// <remarks>https://platform.openai.com/docs/api-reference/realtime-client-events/session/update</remarks>
internal static class SessionUpdate
{
    /// <summary>The event's id, by which an error that refuses it is known.</summary>
    public const string EventId = "session";

    public static JsonObject Create(RealtimeOptions options)
    {
        var session = new JsonObject
        {
            ["type"] = "realtime",
            ["output_modalities"] = new JsonArray("audio"),
            ["instructions"] = options.SystemMessage,
            // As many as can be set: some three minutes of speech, at 20 tokens a second.
            ["max_output_tokens"] = 4096,
            ["audio"] = new JsonObject
            {
                ["input"] = new JsonObject
                {
                    // The telephone's format both ways: what one side sends, the other takes as it is.
                    ["format"] = new JsonObject { ["type"] = "audio/pcmu" },
                    ["noise_reduction"] = new JsonObject { ["type"] = "near_field" },
                    ["transcription"] = options.TranscriptionModel is "" ? null : new JsonObject { ["model"] = options.TranscriptionModel },
                    ["turn_detection"] = TurnDetection(options),
                },
                ["output"] = new JsonObject
                {
                    ["format"] = new JsonObject { ["type"] = "audio/pcmu" },
                    ["voice"] = options.Voice,
                },
            },
        };

        Merge(session, JsonNode.Parse(options.Session)!.AsObject());
        return new JsonObject { ["type"] = "session.update", ["event_id"] = EventId, ["session"] = session };
    }

    /// <returns>For how long a caller may be silent before the model takes their turn for over.</returns>
    /// <remarks>https://platform.openai.com/docs/guides/realtime-vad</remarks>
    public static TimeSpan TurnEnd(JsonObject update)
    {
        var fields = At(update, "session", "audio", "input", "turn_detection") as JsonObject;
        return TimeSpan.FromMilliseconds((Text(fields?["type"]), Text(fields?["eagerness"])) switch
        {
            ("semantic_vad", "low") => 8000,
            ("semantic_vad", "high") => 2000,
            ("semantic_vad", _) => 4000,
            _ => fields?["silence_duration_ms"] is JsonValue value && value.TryGetValue(out int silence) && silence > 0 ? silence : 500,
        });
    }

    /// <returns>What the assistant is told about itself.</returns>
    public static string Instructions(RealtimeOptions options) => Text(At(Create(options), "session", "instructions")) ?? "";

    /// <returns>What writes down what the caller says, and which setting has named it; null where nothing does.</returns>
    public static (string Model, string Setting)? Transcription(RealtimeOptions options) => Named(options, "TRANSCRIPTION_MODEL", "audio", "input", "transcription", "model");

    /// <returns>Whose voice speaks, and which setting has named it; null where it has no name, but an id.</returns>
    public static (string Voice, string Setting)? Voice(RealtimeOptions options) => Named(options, "VOICE", "audio", "output", "voice");

    private static JsonObject TurnDetection(RealtimeOptions options) => options.TurnDetection is "semantic_vad"
        ? new JsonObject { ["type"] = "semantic_vad", ["eagerness"] = "auto", ["create_response"] = true, ["interrupt_response"] = true }
        : new JsonObject
        {
            ["type"] = "server_vad",
            ["threshold"] = 0.5,
            ["prefix_padding_ms"] = 300,
            // Always said: the documents give 500 in one place and 200 in another as the default.
            ["silence_duration_ms"] = int.Parse(options.SilenceDurationMs, CultureInfo.InvariantCulture),
            ["create_response"] = true,
            ["interrupt_response"] = true,
        };

    private static (string Name, string Setting)? Named(RealtimeOptions options, string setting, params ReadOnlySpan<string> path) =>
        Text(At(Create(options)["session"], path)) is { Length: > 0 } name
            ? (name, Text(At(JsonNode.Parse(options.Session), path)) is null ? setting : "REALTIME_SESSION")
            : null;

    // What stands in REALTIME_SESSION may have any form.
    private static JsonNode? At(JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static void Merge(JsonObject target, JsonObject source)
    {
        foreach (var (name, value) in source)
        {
            // A turn detection of another type has other fields: it replaces ours whole.
            if (value is JsonObject inner && target[name] is JsonObject existing && !(name is "turn_detection" && IsOfAnotherType(inner, existing)))
            {
                Merge(existing, inner);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    private static bool IsOfAnotherType(JsonObject detection, JsonObject existing) =>
        detection.TryGetPropertyValue("type", out var type) && !JsonNode.DeepEquals(type, existing["type"]);
}
