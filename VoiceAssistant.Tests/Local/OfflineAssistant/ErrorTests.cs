using System.Net.WebSockets;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

public sealed class ErrorTests
{
    [Theory]
    [InlineData("", "invalid_event", null)]
    [InlineData("{", "invalid_event", null)]
    [InlineData("[]", "invalid_event", null)]
    [InlineData("null", "invalid_event", null)]
    [InlineData("""{"type":"response.cancel"}{}""", "invalid_event", null)]
    [InlineData("""{"type":"response.cancel","type":"response.cancel"}""", "invalid_event", null)]
    [InlineData("""{"type":"response.cancel","response_id":"\ud800"}""", "invalid_event", null)]
    [InlineData("{}", "invalid_event", "type")]
    [InlineData("""{"type":7}""", "invalid_event", "type")]
    [InlineData("""{"type":"response.dance"}""", "invalid_event", "type")]
    [InlineData("""{"type":"response.cancel","tempo":1}""", "unknown_parameter", "tempo")]
    [InlineData("""{"type":"response.cancel"}""", "response_cancel_not_active", null)]
    [InlineData("""{"type":"response.create","response":{"temperature":0.8}}""", "unknown_parameter", "response.temperature")]
    [InlineData("""{"type":"response.create","response":{"conversation":"new"}}""", "invalid_value", "response.conversation")]
    [InlineData("""{"type":"response.create","response":{"output_modalities":["audio","text"]}}""", "invalid_value", "response.output_modalities")]
    [InlineData("""{"type":"response.create","response":{"audio":{"output":{"format":{"type":"audio/pcma"}}}}}""", "invalid_value", "response.audio.output.format.type")]
    [InlineData("""{"type":"input_audio_buffer.append"}""", "missing_required_parameter", "audio")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":7}""", "invalid_type", "audio")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"?"}""", "invalid_value", "audio")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"/w="}""", "invalid_value", "audio")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"é\/"}""", "invalid_value", "audio")]
    [InlineData("""{"type":"input_audio_buffer.commit"}""", "input_audio_buffer_commit_empty", null)]
    [InlineData("""{"type":"conversation.item.create"}""", "missing_required_parameter", "item")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message"}}""", "missing_required_parameter", "item.role")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text"}]}}""", "missing_required_parameter", "item.content[0].text")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_audio","transcript":""}]}}""", "missing_required_parameter", "item.content[0].text")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"input_text","text":""}]}}""", "invalid_value", "item.content[0].type")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"mcp_call"}}""", "invalid_value", "item.type")]
    [InlineData("""{"type":"conversation.item.create","previous_item_id":"item_none","item":{"type":"function_call_output","call_id":"c","output":"o"}}""", "item_create_invalid_previous_item_id", "previous_item_id")]
    [InlineData("""{"type":"conversation.item.create","item":{"id":"123456789012345678901234567890123","type":"function_call_output","call_id":"c","output":"o"}}""", "string_above_max_length", "item.id")]
    [InlineData("""{"type":"conversation.item.retrieve","item_id":"item_none"}""", "item_retrieve_invalid_item_id", "item_id")]
    [InlineData("""{"type":"conversation.item.delete","item_id":"item_none"}""", "item_delete_invalid_item_id", "item_id")]
    [InlineData("""{"type":"conversation.item.truncate","item_id":"item_none","content_index":0,"audio_end_ms":0}""", "item_truncate_invalid_item_id", "item_id")]
    [InlineData("""{"type":"conversation.item.truncate","item_id":"item_none","content_index":1,"audio_end_ms":0}""", "invalid_value", "content_index")]
    [InlineData("""{"type":"conversation.item.truncate","item_id":"item_none","content_index":0,"audio_end_ms":-1}""", "invalid_value", "audio_end_ms")]
    [InlineData("""{"type":"conversation.item.truncate","item_id":"item_none","content_index":0,"audio_end_ms":"1"}""", "invalid_type", "audio_end_ms")]
    public async Task Event_IsRefused_AndTheSessionGoesOn(string json, string code, string? param)
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync(json);
        var error = await client.ReceiveErrorAsync();

        Assert.Equal(("invalid_request_error", code, param), (error.At("type"), error.At("code"), error.At("param")));
        await client.SendAsync("""{"type":"input_audio_buffer.clear"}""");
        await client.ReceiveAsync("input_audio_buffer.cleared");
    }

    [Theory]
    [InlineData("""{"event_id":"evt_1","type":"response.cancel"}""", "evt_1")]
    [InlineData("""{"type":"unheard.of","event_id":"evt_2"}""", "evt_2")]
    [InlineData("""{"event_id":"evt_3"}""", "evt_3")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"?","event_id":"evt_4"}""", "evt_4")]
    [InlineData("""{"type":"response.cancel"}""", null)]
    public async Task Error_RepeatsTheEventId(string json, string? eventId)
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync(json);

        Assert.Equal(eventId, (await client.ReceiveErrorAsync()).At("event_id"));
    }

    [Fact]
    public async Task EventId_IsRefused_WhenItIsLongerThan512Characters()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync($$"""{"type":"response.cancel","event_id":"{{new string('e', 513)}}"}""");

        var error = await client.ReceiveErrorAsync();
        Assert.Equal(("string_above_max_length", "event_id", null), (error.At("code"), error.At("param"), error.At("event_id")));
    }

    [Fact]
    public async Task Event_IsRefused_WhenItIsNoText()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"input_audio_buffer.clear"}""", WebSocketMessageType.Binary);

        Assert.Equal("invalid_event", (await client.ReceiveErrorAsync()).At("code"));
    }

    [Fact]
    public async Task Error_DoesNotRepeatALongText()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync($$"""{"type":"{{new string('x', 1_000_000)}}"}""");

        Assert.Equal("Unknown event type: '(1000000 characters)'.", (await client.ReceiveErrorAsync()).At("message"));
    }

    [Fact]
    public async Task SecondResponse_IsRefused_WhileOneIsActive()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        var id = (await client.ReceiveAsync("response.created")).At("response.id");
        await client.SendAsync("""{"type":"response.create"}""");

        var error = (await client.ReceivePendingAsync()).Single("error");
        Assert.Equal("conversation_already_has_active_response", error.At("error.code"));
        Assert.Contains(id!, error.At("error.message"));
    }

    [Fact]
    public async Task Audio_IsRefused_BeforeATelephonesFormatIsAgreedOn()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.ConnectAsync();
        await client.ReceiveAsync("session.created");

        await client.SendAsync("""{"type":"input_audio_buffer.append","audio":"////"}""");
        await client.SendAsync("""{"type":"response.create"}""");

        Assert.Equal("session.audio.input.format", (await client.ReceiveErrorAsync()).At("param"));
        Assert.Equal("session.audio.output.format", (await client.ReceiveErrorAsync()).At("param"));
    }

    [Fact]
    public async Task Append_IsRefused_WhenTenMinutesWaitForACommit()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync("null");

        await client.AppendAsync(Sound.Silence(10 * 60_000 + 1), 1_000_000);
        await client.SendAsync("""{"type":"input_audio_buffer.append","audio":"////"}""");
        Assert.Contains("commit or clear", (await client.ReceiveErrorAsync()).At("message"));

        await client.SendAsync("""{"type":"input_audio_buffer.clear"}""");
        await client.SendAsync("""{"type":"input_audio_buffer.append","audio":"////"}""");
        Assert.Equal(["input_audio_buffer.cleared"], (await client.ReceivePendingAsync()).Select(received => received.Type));
    }

    [Fact]
    public async Task Append_IsRefused_WhenItIsLongerThan15MiB()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync($$"""{"type":"input_audio_buffer.append","audio":"{{new string('/', (15 * 1024 * 1024) + 4)}}"}""");

        Assert.Equal("audio", (await client.ReceiveErrorAsync()).At("param"));
    }
}
