using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

public sealed class SessionUpdateTests
{
    // The whole object of the GA interface, as in the design's PROTOCOL.md, D.2.
    private const string Everything = """
        {
          "type": "realtime", "model": "gpt-realtime-2.1", "output_modalities": ["audio"], "instructions": "…",
          "audio": {
            "input": {
              "format": {"type": "audio/pcmu"}, "noise_reduction": {"type": "near_field"},
              "transcription": {"model": "gpt-4o-mini-transcribe", "language": "en", "prompt": "…"},
              "turn_detection": {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500,
                                 "idle_timeout_ms": 15000, "create_response": true, "interrupt_response": true}},
            "output": {"format": {"type": "audio/pcmu"}, "voice": "marin", "speed": 1.0}},
          "include": ["item.input_audio_transcription.logprobs"],
          "tools": [{"type": "function", "name": "hang_up", "description": "…", "parameters": {"type": "object", "properties": {}, "required": []}},
                    {"type": "mcp", "server_label": "kb", "server_url": "https://…/mcp", "authorization": "…", "allowed_tools": ["search"], "require_approval": "never"}],
          "tool_choice": "auto", "parallel_tool_calls": true, "reasoning": {"effort": "low"}, "max_output_tokens": "inf", "tracing": "auto",
          "truncation": {"type": "retention_ratio", "retention_ratio": 0.8, "token_limits": {"post_instructions": 8000}},
          "prompt": {"id": "pmpt_123", "version": "3", "variables": {"name": "Jane"}}
        }
        """;

    [Fact]
    public async Task Update_TakesEveryFieldOfTheGaInterface_AndAnswersWithAllOfThem()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await ConnectAsync(host);

        var session = await UpdateAsync(client, Everything);

        foreach (var (name, value) in JsonNode.Parse(Everything)!.AsObject())
        {
            Assert.True(JsonNode.DeepEquals(value, JsonNode.Parse(session.GetProperty(name).GetRawText())), name);
        }

        Assert.StartsWith("sess_", session.At("id"));
        Assert.Equal("realtime.session", session.At("object"));
    }

    [Fact]
    public async Task Update_ChangesOnlyWhatIsPresent_AndNullClears()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await ConnectAsync(host);
        await UpdateAsync(client, Everything);

        var session = await UpdateAsync(client, """
            {"type":"realtime","instructions":"","tools":[],"tracing":null,"audio":{"input":{"transcription":null,"turn_detection":{"type":"server_vad","threshold":0.9}}}}
            """);

        Assert.Equal("", session.At("instructions"));
        Assert.Equal("[]", session.At("tools"));
        Assert.Null(session.At("tracing"));
        Assert.Null(session.At("audio.input.transcription"));
        Assert.Equal("0.9", session.At("audio.input.turn_detection.threshold"));
        Assert.Equal("15000", session.At("audio.input.turn_detection.idle_timeout_ms"));
        Assert.Equal("near_field", session.At("audio.input.noise_reduction.type"));
        Assert.Equal("marin", session.At("audio.output.voice"));
    }

    [Fact]
    public async Task TurnDetection_BeginsWithItsDefaults_WhenItsTypeChanges()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await ConnectAsync(host);

        var off = await UpdateAsync(client, """{"type":"realtime","audio":{"input":{"turn_detection":null}}}""");
        var semantic = await UpdateAsync(client, """{"type":"realtime","audio":{"input":{"turn_detection":{"type":"semantic_vad","create_response":false}}}}""");
        var server = await UpdateAsync(client, """{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad"}}}}""");

        Assert.Null(off.At("audio.input.turn_detection"));
        Assert.Equal("""{"type":"semantic_vad","eagerness":"auto","create_response":false,"interrupt_response":true}""", semantic.At("audio.input.turn_detection"));
        Assert.Equal("True", server.At("audio.input.turn_detection.create_response"));
        Assert.Equal("200", server.At("audio.input.turn_detection.silence_duration_ms"));
    }

    [Theory]
    [InlineData("""{}""", "missing_required_parameter", "session.type")]
    [InlineData("""{"instructions":"Hi"}""", "missing_required_parameter", "session.type")]
    [InlineData("""{"type":"transcription"}""", "invalid_value", "session.type")]
    [InlineData("""{"type":"realtime","temperature":0.8}""", "unknown_parameter", "session.temperature")]
    [InlineData("""{"type":"realtime","voice":"marin"}""", "unknown_parameter", "session.voice")]
    [InlineData("""{"type":"realtime","modalities":["audio"]}""", "unknown_parameter", "session.modalities")]
    [InlineData("""{"type":"realtime","input_audio_format":"g711_ulaw"}""", "unknown_parameter", "session.input_audio_format")]
    [InlineData("""{"type":"realtime","model":"gpt-realtime"}""", "invalid_value", "session.model")]
    [InlineData("""{"type":"realtime","instructions":7}""", "invalid_type", "session.instructions")]
    [InlineData("""{"type":"realtime","output_modalities":[]}""", "invalid_value", "session.output_modalities")]
    [InlineData("""{"type":"realtime","output_modalities":["audio","text"]}""", "invalid_value", "session.output_modalities")]
    [InlineData("""{"type":"realtime","output_modalities":["video"]}""", "invalid_value", "session.output_modalities[0]")]
    [InlineData("""{"type":"realtime","max_output_tokens":4097}""", "invalid_value", "session.max_output_tokens")]
    [InlineData("""{"type":"realtime","max_output_tokens":"all"}""", "invalid_value", "session.max_output_tokens")]
    [InlineData("""{"type":"realtime","audio":{"input":{"format":"g711_ulaw"}}}""", "invalid_type", "session.audio.input.format")]
    [InlineData("""{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcm","rate":24000}}}}""", "invalid_value", "session.audio.input.format.type")]
    [InlineData("""{"type":"realtime","audio":{"output":{"format":{"type":"audio/pcma"}}}}""", "invalid_value", "session.audio.output.format.type")]
    [InlineData("""{"type":"realtime","audio":{"output":{"format":{"type":"audio/pcmu","rate":8000}}}}""", "unknown_parameter", "session.audio.output.format.rate")]
    [InlineData("""{"type":"realtime","audio":{"output":{"voice":"polly"}}}""", "invalid_value", "session.audio.output.voice")]
    [InlineData("""{"type":"realtime","audio":{"output":{"speed":1.6}}}""", "invalid_value", "session.audio.output.speed")]
    [InlineData("""{"type":"realtime","audio":{"input":{"turn_detection":{}}}}""", "missing_required_parameter", "session.audio.input.turn_detection.type")]
    [InlineData("""{"type":"realtime","audio":{"input":{"turn_detection":{"type":"none"}}}}""", "invalid_value", "session.audio.input.turn_detection.type")]
    [InlineData("""{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","threshold":1.1}}}}""", "invalid_value", "session.audio.input.turn_detection.threshold")]
    [InlineData("""{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","idle_timeout_ms":4999}}}}""", "invalid_value", "session.audio.input.turn_detection.idle_timeout_ms")]
    [InlineData("""{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":0.5}}}}""", "invalid_value", "session.audio.input.turn_detection.silence_duration_ms")]
    [InlineData("""{"type":"realtime","audio":{"input":{"turn_detection":{"type":"semantic_vad","threshold":0.5}}}}""", "unknown_parameter", "session.audio.input.turn_detection.threshold")]
    public async Task Update_IsRefusedAsAWhole(string session, string code, string param)
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await ConnectAsync(host);
        var before = await UpdateAsync(client, """{"type":"realtime"}""");

        await client.SendAsync($$"""{"type":"session.update","session":{{session}} }""");
        var error = await client.ReceiveErrorAsync();

        Assert.Equal((code, param), (error.At("code"), error.At("param")));
        Assert.Equal(before.ToString(), (await UpdateAsync(client, """{"type":"realtime"}""")).ToString());
    }

    [Fact]
    public async Task Voice_StaysAsItIs_FromTheFirstAudioOn()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await UpdateAsync(client, """{"type":"realtime","audio":{"output":{"voice":"cedar"}}}""");
        await client.SendAsync("""{"type":"response.create"}""");
        await client.ReceiveUntilAsync("response.done");

        await client.SendAsync("""{"type":"session.update","session":{"type":"realtime","instructions":"new","audio":{"output":{"voice":"marin"}}}}""");
        Assert.Equal("cannot_update_voice", (await client.ReceiveErrorAsync()).At("code"));

        var same = await UpdateAsync(client, """{"type":"realtime","audio":{"output":{"voice":"cedar"}}}""");
        Assert.NotEqual("new", same.At("instructions"));
    }

    private static async Task<OfflineClient> ConnectAsync(OfflineHost host)
    {
        var client = await host.ConnectAsync();
        await client.ReceiveAsync("session.created");
        return client;
    }

    private static async Task<JsonElement> UpdateAsync(OfflineClient client, string session)
    {
        await client.SendAsync($$"""{"type":"session.update","session":{{session}} }""");
        return (await client.ReceiveAsync("session.updated")).GetProperty("session");
    }
}
