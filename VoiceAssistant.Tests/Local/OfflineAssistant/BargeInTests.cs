using VoiceAssistant.Local.OfflineAssistant;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

public sealed class BargeInTests
{
    [Fact]
    public async Task Speech_CancelsTheResponse_AndNoDeltaFollows()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        var heard = await client.ReceivePendingAsync();
        await client.AppendAsync(Sound.Tone(500));
        var interrupted = await client.ReceivePendingAsync();
        host.Time.Advance(TimeSpan.FromMinutes(1));
        var later = await client.ReceivePendingAsync();

        Assert.Equal(
            [
                "input_audio_buffer.speech_started", "response.output_audio.done", "response.output_audio_transcript.done",
                "response.content_part.done", "conversation.item.done", "response.output_item.done", "response.done",
            ],
            interrupted.Select(received => received.Type));
        Assert.Empty(later);

        var done = interrupted[^1];
        Assert.Equal("cancelled", done.At("response.status"));
        Assert.Equal("turn_detected", done.At("response.status_details.reason"));
        Assert.Equal("incomplete", done.At("response.output.0.status"));
        Assert.Equal(heard.Single("response.output_audio_transcript.delta").At("delta"), done.At("response.output.0.content.0.transcript"));
        Assert.Equal("6", done.At("response.usage.output_token_details.audio_tokens"));
    }

    [Fact]
    public async Task Speech_IsAnswered_AfterItCancelledTheResponse()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        await client.AppendAsync(Sound.Tone(500));
        await client.ReceivePendingAsync();
        await client.AppendAsync(Sound.Silence(500));
        var answer = await client.ReceiveUntilAsync("response.done");

        Assert.Equal("completed", answer[^1].At("response.status"));
        Assert.Equal([.. Clip.YouSaid.Audio.Span, .. Sound.Tone(500), .. Sound.Silence(500)], answer.Audio());
    }

    [Fact]
    public async Task Speech_LeavesTheResponseAlone_WithoutInterruptResponse()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync("""{"type":"server_vad","silence_duration_ms":500,"interrupt_response":false}""");

        await client.SendAsync("""{"type":"response.create"}""");
        await client.AppendAsync(Sound.Tone(500));
        await client.AppendAsync(Sound.Silence(500));
        var pending = await client.ReceivePendingAsync();
        host.Time.Advance(TimeSpan.FromMilliseconds(30));
        var done = (await client.ReceiveUntilAsync("response.done"))[^1];

        // The turn ended while the assistant was speaking: there is no second response at the same time.
        Assert.Equal("conversation_already_has_active_response", pending.Single("error").At("error.code"));
        Assert.Equal("completed", done.At("response.status"));
    }

    [Fact]
    public async Task Speech_LeavesAResponseOutOfBandAlone()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync("""{"type":"server_vad","create_response":false}""");

        await client.SendAsync("""{"type":"response.create","response":{"conversation":"none"}}""");
        await client.AppendAsync(Sound.Tone(500));
        var pending = await client.ReceivePendingAsync();
        host.Time.Advance(TimeSpan.FromMilliseconds(30));
        var done = (await client.ReceiveUntilAsync("response.done"))[^1];

        Assert.Equal("input_audio_buffer.speech_started", pending[^1].Type);
        Assert.Equal("completed", done.At("response.status"));
    }

    [Fact]
    public async Task Cancel_EndsTheResponse_ByItsIdOrWithout()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        foreach (var withId in (bool[])[true, false])
        {
            await client.SendAsync("""{"type":"response.create"}""");
            var id = (await client.ReceiveAsync("response.created")).At("response.id");
            await client.SendAsync(withId ? $$"""{"type":"response.cancel","response_id":"{{id}}"}""" : """{"type":"response.cancel"}""");

            var done = (await client.ReceivePendingAsync())[^1];
            Assert.Equal("cancelled", done.At("response.status"));
            Assert.Equal("client_cancelled", done.At("response.status_details.reason"));
        }
    }

    [Fact]
    public async Task Truncate_KeepsWhatWasHeard_AndForgetsTheWords()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        var itemId = (await client.ReceiveUntilAsync("response.done"))[^1].At("response.output.0.id");
        await client.SendAsync($$"""{"type":"conversation.item.truncate","item_id":"{{itemId}}","content_index":0,"audio_end_ms":1500}""");
        var truncated = await client.ReceiveAsync("conversation.item.truncated");
        await client.SendAsync($$"""{"type":"conversation.item.retrieve","item_id":"{{itemId}}"}""");
        var item = await client.ReceiveAsync("conversation.item.retrieved");

        Assert.Equal("1500", truncated.At("audio_end_ms"));
        Assert.Equal(Clip.Greeting.Audio[..12_000].ToArray(), item.GetProperty("item").GetProperty("content")[0].GetProperty("audio").GetBytesFromBase64());
        Assert.Null(item.At("item.content.0.transcript"));
    }

    [Fact]
    public async Task Truncate_MayComeAtTheLastMillisecond_NotAfterIt()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();
        var lastMs = Clip.Greeting.Audio.Length / 8;

        await client.SendAsync("""{"type":"response.create"}""");
        var itemId = (await client.ReceiveUntilAsync("response.done"))[^1].At("response.output.0.id");

        await client.SendAsync($$"""{"type":"conversation.item.truncate","item_id":"{{itemId}}","content_index":0,"audio_end_ms":{{lastMs + 1}}}""");
        var error = await client.ReceiveErrorAsync();
        Assert.Equal("invalid_value", error.At("code"));
        Assert.Equal($"Audio content of {lastMs}ms is already shorter than {lastMs + 1}ms", error.At("message"));

        await client.SendAsync($$"""{"type":"conversation.item.truncate","item_id":"{{itemId}}","content_index":0,"audio_end_ms":{{lastMs}}}""");
        await client.ReceiveAsync("conversation.item.truncated");
    }

    [Fact]
    public async Task Truncate_IsNotUndone_ByWhatTheResponseStillSends()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        var itemId = (await client.ReceivePendingAsync()).Single("conversation.item.added").At("item.id");
        await client.SendAsync($$"""{"type":"conversation.item.truncate","item_id":"{{itemId}}","content_index":0,"audio_end_ms":100}""");
        await client.ReceiveAsync("conversation.item.truncated");
        host.Time.Advance(TimeSpan.FromMilliseconds(30));
        await client.ReceiveUntilAsync("response.done");

        await client.SendAsync($$"""{"type":"conversation.item.retrieve","item_id":"{{itemId}}"}""");
        var item = await client.ReceiveAsync("conversation.item.retrieved");
        Assert.Equal(Convert.ToBase64String(Clip.Greeting.Audio.Span[..800]), item.At("item.content.0.audio"));
    }

    [Fact]
    public async Task Truncate_CountsOnlyWhatWasSent_OfAResponseThatWasInterrupted()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        await client.AppendAsync(Sound.Tone(500));
        var itemId = (await client.ReceivePendingAsync())[^1].At("response.output.0.id");

        await client.SendAsync($$"""{"type":"conversation.item.truncate","item_id":"{{itemId}}","content_index":0,"audio_end_ms":100000}""");
        var tooLate = await client.ReceiveErrorAsync();
        await client.SendAsync($$"""{"type":"conversation.item.truncate","item_id":"{{itemId}}","content_index":0,"audio_end_ms":0}""");
        await client.ReceiveAsync("conversation.item.truncated");
        await client.SendAsync($$"""{"type":"conversation.item.truncate","item_id":"{{itemId}}","content_index":0,"audio_end_ms":1}""");

        Assert.StartsWith("Audio content of 300ms", tooLate.At("message"));
        Assert.StartsWith("Audio content of 0ms", (await client.ReceiveErrorAsync()).At("message"));
    }
}
