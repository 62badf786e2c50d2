using VoiceAssistant.Local.OfflineAssistant;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

public sealed class CallerTurnsTests
{
    private const string Manual = "null";

    // Half a second of line, a second of voice, and the pause that ends the turn.
    private static readonly byte[] Speech = [.. Sound.Silence(500), .. Sound.Tone(1000), .. Sound.Silence(500)];

    [Fact]
    public async Task Speech_BecomesATurnAndAnAnswer_InTheOrderOfTheGaInterface()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.AppendAsync(Speech);
        var events = await client.ReceiveUntilAsync("response.done");

        Assert.Equal(
            [
                "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed",
                "conversation.item.added", "conversation.item.done", "response.created", "rate_limits.updated",
            ],
            events.Order().Take(7));

        var itemId = events[0].At("item_id");
        Assert.All(events.Take(3), received => Assert.Equal(itemId, received.At("item_id")));
        Assert.Equal(itemId, events[3].At("item.id"));
        Assert.Equal("input_audio", events[3].At("item.content.0.type"));
        Assert.Equal("user", events[3].At("item.role"));
        Assert.Equal("200", events[0].At("audio_start_ms"));
        Assert.Equal("2000", events[1].At("audio_end_ms"));
    }

    [Fact]
    public async Task Answer_RepeatsTheCaller_ByteByByte()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();
        var sent = Question();

        await client.AppendAsync(sent);
        var events = await client.ReceiveUntilAsync("response.done");

        var start = events[0].GetProperty("audio_start_ms").GetInt32() * 8;
        var end = events[1].GetProperty("audio_end_ms").GetInt32() * 8;
        Assert.Equal([.. Clip.YouSaid.Audio.Span, .. sent.AsSpan(start..end)], events.Audio());
        Assert.Equal($"You said: (spoken words, {(end - start) / 8000.0:0.0} s)", events.Single("response.done").At("response.output.0.content.0.transcript"));
    }

    [Fact]
    public async Task Answer_IsTheSame_HoweverTheAudioIsCut()
    {
        await using var host = await OfflineHost.StartAsync();
        var sent = Question();

        var answers = new List<byte[]>();
        foreach (var frameBytes in (int[])[160, 1, 7, 161, 4000, sent.Length])
        {
            using var client = await host.CallAsync();
            await client.AppendAsync(sent, frameBytes);
            answers.Add((await client.ReceiveUntilAsync("response.done")).Audio());
        }

        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
    }

    [Fact]
    public async Task Answer_RepeatsTwentySeconds_OfALongerTurn()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync(Manual);

        await client.AppendAsync(Sound.Tone(25_000), 80_000);
        await client.SendAsync("""{"type":"input_audio_buffer.commit"}""");
        await client.SendAsync("""{"type":"response.create"}""");

        Assert.Equal(Clip.YouSaid.Audio.Length + 160_000, (await client.ReceiveUntilAsync("response.done")).Audio().Length);
    }

    [Fact]
    public async Task Turns_EachHaveTheirOwnAnswer_AndFollowEachOther()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.AppendAsync(Speech);
        var first = await client.ReceiveUntilAsync("response.done");
        await client.AppendAsync(Sound.Tone(400, hertz: 600));
        await client.AppendAsync(Sound.Silence(500));
        var second = await client.ReceiveUntilAsync("response.done");

        Assert.Null(first.Single("input_audio_buffer.committed").At("previous_item_id"));
        Assert.Equal(
            first.Single("response.done").At("response.output.0.id"), second.Single("input_audio_buffer.committed").At("previous_item_id"));
        // A turn begins after the one before, however long its prefix: the answer to the first took no audio in between.
        Assert.Equal("2000", second[0].At("audio_start_ms"));
        Assert.Equal([.. Clip.YouSaid.Audio.Span, .. Sound.Tone(400, hertz: 600), .. Sound.Silence(500)], second.Audio());
    }

    [Fact]
    public async Task Usage_CountsATokenFor100MsOfTheCaller_AndCachesWhatWasThereBefore()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.AppendAsync(Speech);
        var first = (await client.ReceiveUntilAsync("response.done"))[^1].GetProperty("response").GetProperty("usage");
        await client.AppendAsync(Speech);
        var second = (await client.ReceiveUntilAsync("response.done"))[^1].GetProperty("response").GetProperty("usage");

        Assert.Equal("18", first.At("input_token_details.audio_tokens"));
        Assert.Equal("0", first.At("input_token_details.cached_tokens_details.audio_tokens"));
        Assert.Equal("18", second.At("input_token_details.cached_tokens_details.audio_tokens"));
    }

    [Theory]
    [InlineData("""{"type":"server_vad","prefix_padding_ms":0,"silence_duration_ms":500}""", 500, 2000)]
    [InlineData("""{"type":"server_vad","prefix_padding_ms":100,"silence_duration_ms":200}""", 400, 1700)]
    [InlineData("""{"type":"server_vad","prefix_padding_ms":9000,"silence_duration_ms":200}""", 0, 1700)]
    [InlineData("""{"type":"semantic_vad","eagerness":"high"}""", 200, 2000)]
    [InlineData("""{"type":"semantic_vad","eagerness":"auto"}""", 200, 2300)]
    [InlineData("""{"type":"semantic_vad","eagerness":"low"}""", 200, 2700)]
    public async Task Turn_KeepsToItsTurnDetection(string turnDetection, int startMs, int endMs)
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync(turnDetection);

        await client.AppendAsync(Speech);
        await client.AppendAsync(Sound.Silence(1000));
        var events = await client.ReceiveUntilAsync("input_audio_buffer.committed");

        Assert.Equal($"{startMs}", events.Single("input_audio_buffer.speech_started").At("audio_start_ms"));
        Assert.Equal($"{endMs}", events.Single("input_audio_buffer.speech_stopped").At("audio_end_ms"));
    }

    [Fact]
    public async Task Turn_HasNoAnswer_WithoutCreateResponse()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync("""{"type":"server_vad","silence_duration_ms":500,"create_response":false}""");

        await client.AppendAsync(Speech);

        Assert.Equal("conversation.item.done", (await client.ReceivePendingAsync())[^1].Type);
    }

    [Fact]
    public async Task Turn_IsTranscribedHonestly_WhereTranscriptionIsOn()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"transcription":{"model":"gpt-4o-mini-transcribe"}}}}}""");
        await client.AppendAsync(Speech);
        var transcription = (await client.ReceiveUntilAsync("response.created")).Single("conversation.item.input_audio_transcription.completed");

        Assert.Equal("(spoken words, 1.8 s)", transcription.At("transcript"));
        Assert.Equal("18", transcription.At("usage.input_token_details.audio_tokens"));
    }

    [Fact]
    public async Task Turn_IsCutAfterTenMinutes_WhenTheCallerNeverPauses()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync("""{"type":"server_vad","silence_duration_ms":500,"create_response":false}""");

        // Long enough syllables to be no noise: half a second on, a tenth of a second off.
        byte[] syllable = [.. Sound.Tone(500), .. Sound.Silence(100)];
        byte[] minute = [.. Enumerable.Repeat(syllable, 100).SelectMany(bytes => bytes)];
        for (var sent = 0; sent < 11; sent++)
        {
            await client.AppendAsync(minute, minute.Length);
        }

        var stopped = (await client.ReceivePendingAsync()).Single("input_audio_buffer.speech_stopped");
        Assert.Equal("600000", stopped.At("audio_end_ms"));
    }

    [Fact]
    public async Task Commit_MakesAnItemOfEverything_AndNoAnswer()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync(Manual);
        var sent = Sound.Noise(300, -20, seed: 1);

        await client.AppendAsync(sent);
        await client.SendAsync("""{"type":"input_audio_buffer.commit"}""");
        var events = await client.ReceivePendingAsync();
        Assert.Equal(["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"], events.Select(received => received.Type));

        await client.SendAsync($$"""{"type":"conversation.item.retrieve","item_id":"{{events[0].At("item_id")}}"}""");
        var item = await client.ReceiveAsync("conversation.item.retrieved");
        Assert.Equal(Convert.ToBase64String(sent), item.At("item.content.0.audio"));
    }

    [Fact]
    public async Task Commit_TakesTheTurnAsFarAsItCame_WhenTheClientIsFasterThanTheSilence()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.AppendAsync(Sound.Tone(500));
        var started = await client.ReceiveAsync("input_audio_buffer.speech_started");
        await client.SendAsync("""{"type":"input_audio_buffer.commit"}""");
        await client.AppendAsync(Sound.Silence(1000));

        var events = await client.ReceivePendingAsync();
        Assert.Equal(["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"], events.Select(received => received.Type));
        Assert.Equal(started.At("item_id"), events[0].At("item_id"));
    }

    [Fact]
    public async Task Commit_TakesNoMoreThanATurnsBeginning_WhenNobodySpoke()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.AppendAsync(Sound.Silence(60_000), 8000);
        await client.SendAsync("""{"type":"input_audio_buffer.commit"}""");
        await client.SendAsync("""{"type":"response.create"}""");

        // 300 ms of prefix and the 60 ms in which a voice is made sure of.
        Assert.Equal(Clip.YouSaid.Audio.Length + (360 * 8), (await client.ReceiveUntilAsync("response.done")).Audio().Length);
    }

    [Fact]
    public async Task Clear_ForgetsTheTurn()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.AppendAsync(Sound.Tone(500));
        await client.ReceiveAsync("input_audio_buffer.speech_started");
        await client.SendAsync("""{"type":"input_audio_buffer.clear"}""");
        await client.AppendAsync(Sound.Silence(1000));

        Assert.Equal(["input_audio_buffer.cleared"], (await client.ReceivePendingAsync()).Select(received => received.Type));
    }

    private static byte[] Question()
    {
        using var resource = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Phone", "wwwroot", "clips", "question.ulaw"));
        var question = new byte[resource.Length];
        resource.ReadExactly(question);
        return [.. Sound.Noise(700, -55, seed: 2), .. question, .. Sound.Noise(700, -55, seed: 3)];
    }
}
