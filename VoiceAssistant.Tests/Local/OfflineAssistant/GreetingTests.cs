using VoiceAssistant.Local.OfflineAssistant;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

public sealed class GreetingTests
{
    [Fact]
    public async Task Greeting_ComesInTheOrderOfTheGaInterface()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        var events = await client.ReceiveUntilAsync("response.done");

        Assert.Equal(
            [
                "response.created", "rate_limits.updated", "response.output_item.added", "conversation.item.added",
                "response.content_part.added", "deltas", "response.output_audio.done", "response.output_audio_transcript.done",
                "response.content_part.done", "conversation.item.done", "response.output_item.done", "response.done",
            ],
            events.Order());
        Assert.Equal(Clip.Greeting.Audio.ToArray(), events.Audio());
        Assert.Equal(events.Count, events.Select(received => received.At("event_id")).Distinct().Count());
    }

    [Fact]
    public async Task Greeting_IsSaidInWords_WholeInDeltasAndInEveryDone()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create","response":{"instructions":"Greet the caller.","metadata":{"purpose":"greeting"}}}""");
        var events = await client.ReceiveUntilAsync("response.done");

        var deltas = events.Where(received => received.Type == "response.output_audio_transcript.delta").Select(delta => delta.At("delta")!).ToList();
        Assert.True(deltas.Count > 5);
        Assert.Equal(Clip.Greeting.Transcript, string.Concat(deltas));
        Assert.Equal(Clip.Greeting.Transcript, events.Single("response.output_audio_transcript.done").At("transcript"));
        Assert.Equal(Clip.Greeting.Transcript, events.Single("response.content_part.done").At("part.transcript"));
        Assert.Equal(Clip.Greeting.Transcript, events.Single("conversation.item.done").At("item.content.0.transcript"));

        var done = events.Single("response.done");
        Assert.Equal("completed", done.At("response.status"));
        Assert.Equal("output_audio", done.At("response.output.0.content.0.type"));
        Assert.Equal("greeting", done.At("response.metadata.purpose"));
        Assert.Equal("audio/pcmu", done.At("response.audio.output.format.type"));
    }

    [Fact]
    public async Task Deltas_FollowAfterATenthOfTheirDuration_TheFirstAtOnce()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        var before = await client.ReceivePendingAsync();
        host.Time.Advance(TimeSpan.FromMilliseconds(29));
        var notYet = await client.ReceivePendingAsync();
        host.Time.Advance(TimeSpan.FromMilliseconds(1));
        var next = await client.ReceivePendingAsync();

        Assert.Equal(2400, before.Audio().Length);
        Assert.Empty(notYet);
        Assert.Equal(2400, next.Audio().Length);
    }

    [Fact]
    public async Task Usage_CountsATokenFor50MsOfTheAssistant()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        var usage = (await client.ReceiveUntilAsync("response.done"))[^1].GetProperty("response").GetProperty("usage");

        Assert.Equal($"{Clip.Greeting.Audio.Length / 8 / 50}", usage.At("output_token_details.audio_tokens"));
        Assert.Equal("0", usage.At("input_token_details.audio_tokens"));
        Assert.Equal(
            usage.GetProperty("total_tokens").GetInt32(),
            usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("output_tokens").GetInt32());
    }

    [Fact]
    public async Task Assistant_DoesNotGreetAgain_WhenTheConversationHasBegun()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync(
            """{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello"}]}}""");
        await client.SendAsync(
            """{"type":"conversation.item.create","item":{"type":"message","role":"system","content":[{"type":"input_text","text":"The caller pressed 3."}]}}""");
        await client.SendAsync("""{"type":"response.create"}""");

        Assert.Equal(Clip.Listening.Audio.ToArray(), (await client.ReceiveUntilAsync("response.done")).Audio());
    }
}
