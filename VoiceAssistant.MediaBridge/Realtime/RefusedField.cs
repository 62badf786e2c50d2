using System.Globalization;
using System.Text.Json.Nodes;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>A field that the model has refused and that was left out.</summary>
/// <param name="path">What was refused.</param>
/// <param name="removed">The same, or what means nothing without it.</param>
internal sealed class RefusedField(string path, string removed)
{
    private const string Voice = "session.audio.output.voice";
    private const string Transcription = "session.audio.input.transcription";
    private const string TurnDetection = "session.audio.input.turn_detection";

    // Without these there is no audio on the telephone, or another assistant speaks there.
    private static readonly string[] Needed =
    [
        "session", "session.instructions", "session.audio", "session.audio.input", "session.audio.input.format", "session.audio.output", "session.audio.output.format",
    ];

    /// <summary>What a conversation is like without it.</summary>
    public string Consequence =>
        removed is Voice ? "the model's default voice speaks"
        : removed is Transcription ? "what callers say is not written down, so the words of a call whose connection is lost are lost, too"
        : removed is TurnDetection ? "the model's default decides when a caller has finished"
        : "the model's default counts";

    /// <param name="update">The event, which loses the field.</param>
    /// <param name="path">What the model refuses, or what it misses there; null where that is not known.</param>
    /// <param name="blamesTranscription"><inheritdoc cref="SettingsRefusal.BlamesTranscription" path="/summary"/></param>
    /// <returns>Null where a conversation cannot do without it.</returns>
    public static RefusedField? TryRemove(JsonObject update, string? path, bool blamesTranscription)
    {
        // A call needs the turns more than the words.
        var steps = Find(
            update, path is TurnDetection && blamesTranscription && update["session"]!["audio"]!["input"]!["transcription"] is not null ? Transcription : path ?? "");
        var refused = PathOf(steps);
        while (steps.Count > 1 && IsNothingWithout(steps[^1]))
        {
            steps.RemoveAt(steps.Count - 1);
        }

        var removed = PathOf(steps);
        if (steps.Count == 0 || Needed.Contains(removed))
        {
            return null;
        }

        var (parent, name) = steps[^1];
        if (parent is JsonArray items)
        {
            items.RemoveAt(Index(name));
        }
        else
        {
            parent.AsObject().Remove(name);
        }

        return new(refused, removed);
    }

    /// <returns>Which setting has put it there.</returns>
    public string Setting(RealtimeOptions options)
    {
        var inSession = new JsonObject { ["session"] = JsonNode.Parse(options.Session) };
        return PathOf(Find(inSession, path)) == path ? "A field of REALTIME_SESSION"
            : path is Voice ? $"VOICE={options.Voice}"
            : IsWithin(Transcription) ? $"TRANSCRIPTION_MODEL={options.TranscriptionModel}"
            : path is TurnDetection + ".silence_duration_ms" ? $"SILENCE_DURATION_MS={options.SilenceDurationMs}"
            : IsWithin(TurnDetection) ? $"TURN_DETECTION={options.TurnDetection}"
            : "A field without a setting";
    }

    private bool IsWithin(string field) => path == field || path.StartsWith(field + ".", StringComparison.Ordinal);

    /// <returns>The path's steps, as far as it exists: a parent and the name in it.</returns>
    private static List<(JsonNode Parent, string Name)> Find(JsonObject update, string path)
    {
        var steps = new List<(JsonNode Parent, string Name)>();
        JsonNode? node = update;
        foreach (var name in path.Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            switch (node)
            {
                case JsonObject fields when fields.ContainsKey(name):
                    steps.Add((node, name));
                    node = fields[name];
                    break;
                case JsonArray items when Index(name) is >= 0 and var index && index < items.Count:
                    steps.Add((node, name));
                    node = items[index];
                    break;
                default:
                    return steps;
            }
        }

        return steps;
    }

    private static string PathOf(List<(JsonNode Parent, string Name)> steps) => string.Join('.', steps.Select(step => step.Name));

    private static int Index(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;

    private static bool IsNothingWithout((JsonNode Parent, string Name) step) =>
        step.Parent is JsonArray { Count: 1 } or JsonObject { Count: 1 } || (step.Parent is JsonObject && step.Name is "type" or "model" or "id" or "name");
}
