using System.Text.Json;
using VoiceAssistant.Local.OfflineAssistant;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

public sealed class ConversationTests
{
    private const string Greet = """{"type":"conversation.item.create","item":{"id":"msg_1","type":"message","role":"user","content":[{"type":"input_text","text":"Grüße & <b>"}]}}""";

    [Theory]
    [InlineData(Greet)]
    [InlineData("""{"type":"conversation.item.create","item":{"id":"msg_1","type":"message","role":"system","status":"completed","content":[{"type":"input_text","text":"The caller pressed 3."}]}}""")]
    [InlineData("""{"type":"conversation.item.create","item":{"id":"msg_1","object":"realtime.item","type":"message","role":"assistant","content":[{"type":"output_text","text":"a"},{"type":"output_text","text":"b"}]}}""")]
    [InlineData("""{"type":"conversation.item.create","item":{"id":"msg_1","type":"function_call","call_id":"call_001","name":"hang_up","arguments":"{}"}}""")]
    [InlineData("""{"type":"conversation.item.create","item":{"id":"msg_1","type":"function_call_output","call_id":"call_001","output":"{\"ok\":true}"}}""")]
    public async Task Item_ComesBackAsItWasGiven(string create)
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync(create);
        var added = await client.ReceiveAsync("conversation.item.added");
        await client.ReceiveAsync("conversation.item.done");
        await client.SendAsync("""{"type":"conversation.item.retrieve","item_id":"msg_1"}""");
        var retrieved = await client.ReceiveAsync("conversation.item.retrieved");

        Assert.Equal("completed", added.At("item.status"));
        Assert.Equal("realtime.item", added.At("item.object"));
        Assert.Equal(added.At("item"), retrieved.At("item"));

        using var given = JsonDocument.Parse(create);
        foreach (var property in given.RootElement.GetProperty("item").EnumerateObject())
        {
            Assert.Equal(property.Value.ToString(), added.At("item." + property.Name));
        }
    }

    [Fact]
    public async Task Items_StandWhereTheClientPutsThem()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        async Task<string?> CreateAsync(string id, string previous)
        {
            await client.SendAsync($$"""{"type":"conversation.item.create",{{previous}}"item":{"id":"{{id}}","type":"function_call_output","call_id":"c","output":"o"} }""");
            var previousId = (await client.ReceiveAsync("conversation.item.added")).At("previous_item_id");
            await client.ReceiveAsync("conversation.item.done");
            return previousId;
        }

        Assert.Null(await CreateAsync("b", ""));
        Assert.Equal("b", await CreateAsync("d", "\"previous_item_id\":null,"));
        Assert.Null(await CreateAsync("a", "\"previous_item_id\":\"root\","));
        Assert.Equal("b", await CreateAsync("c", "\"previous_item_id\":\"b\","));
        Assert.Equal("d", await CreateAsync("e", ""));
    }

    [Fact]
    public async Task Item_IsRefused_WhenItsIdIsTaken()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync(Greet);
        await client.SendAsync(Greet);

        Assert.Equal("item.id", (await client.ReceivePendingAsync())[^1].At("error.param"));
    }

    [Fact]
    public async Task Item_IsGone_OnceDeleted()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync(Greet);
        await client.SendAsync("""{"type":"conversation.item.delete","item_id":"msg_1"}""");
        await client.SendAsync("""{"type":"conversation.item.delete","item_id":"msg_1"}""");

        Assert.Equal(
            ["conversation.item.added", "conversation.item.done", "conversation.item.deleted", "error"],
            (await client.ReceivePendingAsync()).Select(received => received.Type));
    }

    [Fact]
    public async Task Truncate_IsRefused_OfWhatTheAssistantDidNotSpeak()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync(Greet);
        await client.SendAsync("""{"type":"conversation.item.truncate","item_id":"msg_1","content_index":0,"audio_end_ms":0}""");

        var error = (await client.ReceivePendingAsync()).Single("error");
        Assert.Equal("Only model output audio messages can be truncated", error.At("error.message"));
    }

    [Fact]
    public async Task Summary_IsWritten_WithoutTouchingTheConversation()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        await client.ReceiveUntilAsync("response.done");
        await client.SendAsync("""
            {"type":"response.create","response":{"conversation":"none","output_modalities":["text"],"tools":[],"metadata":{"purpose":"summary"},
             "instructions":"Summarise …","input":[{"type":"item_reference","id":"item_12345"}]}}
            """);
        var events = await client.ReceiveUntilAsync("response.done");

        Assert.Equal(
            [
                "response.created", "rate_limits.updated", "response.output_item.added", "response.content_part.added", "deltas",
                "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.done",
            ],
            events.Order());

        var done = events[^1];
        Assert.Null(done.At("response.conversation_id"));
        Assert.Equal("summary", done.At("response.metadata.purpose"));
        Assert.Equal("output_text", done.At("response.output.0.content.0.type"));
        Assert.Equal(events.Single("response.output_text.delta").At("delta"), done.At("response.output.0.content.0.text"));
        Assert.NotEqual("", done.At("response.output.0.content.0.text"));

        await client.SendAsync($$"""{"type":"conversation.item.retrieve","item_id":"{{done.At("response.output.0.id")}}"}""");
        Assert.Equal("item_retrieve_invalid_item_id", (await client.ReceiveErrorAsync()).At("code"));
    }

    [Fact]
    public async Task Summary_MayBeWritten_WhileTheAssistantSpeaks()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        await client.SendAsync("""{"type":"response.create","response":{"conversation":"none","output_modalities":["text"]}}""");

        Assert.Equal("completed", (await client.ReceivePendingAsync()).Single("response.done").At("response.status"));
    }

    [Fact]
    public void Conversation_ForgetsTheOldest_WhenItHasMoreThanAThousandItems()
    {
        var conversation = new Conversation();

        for (var added = 0; added < 1001; added++)
        {
            conversation.Add(ConversationItem.FromCaller($"item_{added}", []));
        }

        Assert.Null(conversation.Find("item_0"));
        Assert.Equal(1000, conversation.Items.Count);
    }

    [Fact]
    public void Conversation_ForgetsTheOldest_WhenItHoldsMoreThan16MiB()
    {
        var conversation = new Conversation();

        foreach (var id in (string[])["a", "b", "c"])
        {
            conversation.Add(ConversationItem.FromCaller(id, new byte[8 * 1024 * 1024]));
        }

        Assert.Equal(["b", "c"], conversation.Items.Select(item => item.Id));
    }
}
