using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>The effective session: OpenAI's defaults and what <c>session.update</c> has changed since.</summary>
internal sealed class SessionSettings
{
    // What session.created shows, as of the GA interface; the audio is not a telephone's until the client says so.
    private const string Defaults = """
        {
          "type": "realtime", "object": "realtime.session", "id": "", "model": "", "output_modalities": ["audio"],
          "instructions": "You are a helpful assistant.", "tools": [], "tool_choice": "auto", "max_output_tokens": "inf",
          "tracing": null, "truncation": "auto", "prompt": null, "expires_at": 0,
          "audio": {
            "input": {
              "format": { "type": "audio/pcm", "rate": 24000 }, "transcription": null, "noise_reduction": null,
              "turn_detection": {
                "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 200,
                "idle_timeout_ms": null, "create_response": true, "interrupt_response": true
              }
            },
            "output": { "format": { "type": "audio/pcm", "rate": 24000 }, "voice": "marin", "speed": 1 }
          },
          "include": null
        }
        """;

    private const string SemanticVad = """{ "type": "semantic_vad", "eagerness": "auto", "create_response": true, "interrupt_response": true }""";

    private JsonObject _session = JsonNode.Parse(Defaults)!.AsObject();

    public SessionSettings(string model, DateTimeOffset expiresAt)
    {
        _session["id"] = Id;
        _session["model"] = model;
        _session["expires_at"] = expiresAt.ToUnixTimeSeconds();
        Read();
    }

    public string Id { get; } = RealtimeId.New("sess");

    /// <summary>Null: the client commits its audio and asks for responses.</summary>
    public TurnDetection? TurnDetection { get; private set; }

    /// <summary>From the first audio on the voice stays as it is.</summary>
    public bool HasSpoken { get; set; }

    public bool Hears { get; private set; }
    public bool Speaks => IsTelephone(Output["format"]);
    public bool Transcribes => Input["transcription"] is not null;
    public bool WritesOnly => (string?)_session["output_modalities"]?[0] == "text";
    public string Instructions => (string)_session["instructions"]!;
    public JsonNode Voice => Output["voice"]!;
    public JsonNode MaxOutputTokens => _session["max_output_tokens"]!;

    private JsonNode Input => _session["audio"]!["input"]!;
    private JsonNode Output => _session["audio"]!["output"]!;

    /// <param name="update">A validated <c>session</c>; only the fields that are present change.</param>
    /// <exception cref="InvalidRequestException">A field cannot change any more; then none has.</exception>
    public void Update(JsonElement update)
    {
        if (update.TryGetProperty("model", out var model) && !model.ValueEquals((string?)_session["model"]))
        {
            throw Fields.Invalid("session.model", $"The model of a session cannot change; it is '{_session["model"]}'.");
        }

        var updated = _session.DeepClone().AsObject();
        Merge(updated, update);

        if (HasSpoken && !JsonNode.DeepEquals(updated["audio"]!["output"]!["voice"], Voice))
        {
            throw new InvalidRequestException(
                "cannot_update_voice", "Cannot update a conversation's voice if assistant audio is present.", "session.audio.output.voice");
        }

        _session = updated;
        Read();
    }

    public void Write(Utf8JsonWriter json) => _session.WriteTo(json);

    // What is asked fifty times a second.
    private void Read()
    {
        TurnDetection = TurnDetection.Read(Input["turn_detection"]);
        Hears = IsTelephone(Input["format"]);
    }

    private static void Merge(JsonObject target, JsonElement update)
    {
        foreach (var property in update.EnumerateObject())
        {
            if (property.Name is "audio" or "input" or "output")
            {
                Merge(target[property.Name]!.AsObject(), property.Value);
            }
            else if (property.Name == "turn_detection" && property.Value.ValueKind == JsonValueKind.Object)
            {
                var type = property.Value.GetProperty("type").GetString();
                if ((string?)target["turn_detection"]?["type"] != type)
                {
                    target["turn_detection"] = type == "semantic_vad"
                        ? JsonNode.Parse(SemanticVad)
                        : JsonNode.Parse(Defaults)!["audio"]!["input"]!["turn_detection"]!.DeepClone();
                }

                Merge(target["turn_detection"]!.AsObject(), property.Value);
            }
            else
            {
                target[property.Name] = JsonNode.Parse(property.Value.GetRawText());
            }
        }
    }

    private static bool IsTelephone(JsonNode? format) => (string?)format?["type"] == "audio/pcmu";
}
