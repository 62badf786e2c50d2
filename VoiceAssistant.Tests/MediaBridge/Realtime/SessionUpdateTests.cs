using System.Text.Json.Nodes;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

public sealed class SessionUpdateTests
{
    private static readonly RealtimeOptions Options = new() { SystemMessage = "Be brief.", Temperature = "0.8", Greeting = "Hi" };

    [Fact]
    public void Session_IsSetUp_AsTheDocumentsSay() =>
        Assert.Equal(
            Compact("""
            {
              "type": "session.update",
              "event_id": "session",
              "session": {
                "type": "realtime",
                "output_modalities": ["audio"],
                "instructions": "Be brief.",
                "max_output_tokens": 4096,
                "audio": {
                  "input": {
                    "format": { "type": "audio/pcmu" },
                    "noise_reduction": { "type": "near_field" },
                    "transcription": { "model": "gpt-transcribe" },
                    "turn_detection": {
                      "type": "server_vad",
                      "threshold": 0.5,
                      "prefix_padding_ms": 300,
                      "silence_duration_ms": 500,
                      "create_response": true,
                      "interrupt_response": true
                    }
                  },
                  "output": { "format": { "type": "audio/pcmu" }, "voice": "marin" }
                }
              }
            }
            """),
            SessionUpdate.Create(Options).ToJsonString());

    [Fact]
    public void SilenceDuration_EndsTheTurn() =>
        Assert.Equal(1200, (int?)TurnDetection(Options with { SilenceDurationMs = "1200" })!["silence_duration_ms"]);

    [Fact]
    public void SemanticVad_HasItsOwnFields() =>
        Assert.Equal(
            """{"type":"semantic_vad","eagerness":"auto","create_response":true,"interrupt_response":true}""",
            TurnDetection(Options with { TurnDetection = "semantic_vad" })!.ToJsonString());

    [Theory]
    [InlineData("""{"reasoning":{"effort":"low"}}""", "reasoning", """{"effort":"low"}""")]
    [InlineData("""{"instructions":"Sing."}""", "instructions", "\"Sing.\"")]
    [InlineData("""{"tools":[{"type":"mcp","server_label":"kb"}]}""", "tools", """[{"type":"mcp","server_label":"kb"}]""")]
    [InlineData("""{"audio":{"output":{"speed":1.2}}}""", "audio.output", """{"format":{"type":"audio/pcmu"},"voice":"marin","speed":1.2}""")]
    [InlineData("""{"audio":{"output":{"voice":{"id":"voice_1"}}}}""", "audio.output.voice", """{"id":"voice_1"}""")]
    [InlineData("""{"audio":{"input":{"transcription":{"language":"de"}}}}""", "audio.input.transcription", """{"model":"gpt-transcribe","language":"de"}""")]
    [InlineData("""{"audio":{"input":{"transcription":null}}}""", "audio.input.transcription", null)]
    [InlineData("""{"audio":{"input":{"noise_reduction":null}}}""", "audio.input.noise_reduction", null)]
    [InlineData("""{"audio":{"input":{"turn_detection":null}}}""", "audio.input.turn_detection", null)]
    [InlineData("""{"audio":{"input":{"turn_detection":{"type":"semantic_vad","eagerness":"low"}}}}""", "audio.input.turn_detection", """{"type":"semantic_vad","eagerness":"low"}""")]
    [InlineData("""{"audio":{"input":{"turn_detection":{"idle_timeout_ms":6000}}}}""", "audio.input.turn_detection",
        """{"type":"server_vad","threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":500,"create_response":true,"interrupt_response":true,"idle_timeout_ms":6000}""")]
    [InlineData("""{"audio":{"input":{"turn_detection":{"type":"server_vad","threshold":0.7}}}}""", "audio.input.turn_detection",
        """{"type":"server_vad","threshold":0.7,"prefix_padding_ms":300,"silence_duration_ms":500,"create_response":true,"interrupt_response":true}""")]
    public void RealtimeSession_IsMerged(string json, string path, string? expected)
    {
        var session = SessionUpdate.Create(Options with { Session = json })["session"]!;

        var parent = path.Split('.')[..^1].Aggregate(session, (node, name) => node[name]!).AsObject();
        Assert.True(parent.TryGetPropertyValue(path.Split('.')[^1], out var value));
        Assert.Equal(expected, value?.ToJsonString());
        Assert.Equal("audio/pcmu", (string?)session["audio"]!["input"]!["format"]!["type"]);
        Assert.Equal("audio/pcmu", (string?)session["audio"]!["output"]!["format"]!["type"]);
    }

    [Theory]
    [InlineData("server_vad", "{}", 700)]
    [InlineData("semantic_vad", "{}", 4000)]
    [InlineData("semantic_vad", """{"audio":{"input":{"turn_detection":{"eagerness":"low"}}}}""", 8000)]
    [InlineData("server_vad", """{"audio":{"input":{"turn_detection":{"type":"semantic_vad","eagerness":"high"}}}}""", 2000)]
    [InlineData("server_vad", """{"audio":{"input":{"turn_detection":{"silence_duration_ms":900}}}}""", 900)]
    [InlineData("server_vad", """{"audio":{"input":{"turn_detection":null}}}""", 500)]
    [InlineData("server_vad", """{"audio":{"input":{"turn_detection":{"silence_duration_ms":"900"}}}}""", 500)]
    [InlineData("server_vad", """{"audio":"loud"}""", 500)]
    public void TurnEnd_IsWhatTheModelIsTold(string detection, string json, int milliseconds) => Assert.Equal(
        milliseconds, SessionUpdate.TurnEnd(SessionUpdate.Create(Options with { TurnDetection = detection, SilenceDurationMs = "700", Session = json })).TotalMilliseconds);

    private static JsonNode? TurnDetection(RealtimeOptions options) =>
        SessionUpdate.Create(options)["session"]!["audio"]!["input"]!["turn_detection"];

    private static string Compact(string json) => JsonNode.Parse(json)!.ToJsonString();
}
