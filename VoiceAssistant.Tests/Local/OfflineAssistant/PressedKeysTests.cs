using System.Text.Json;
using VoiceAssistant.Local.OfflineAssistant;
using Prompts = VoiceAssistant.MediaBridge.Relay.Prompts;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

public sealed class PressedKeysTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("5")]
    [InlineData("1234")]
    [InlineData("*0#")]
    [InlineData("ABCD")]
    public async Task Keys_AreNamedTogether_ASecondAfterTheLast(string keys)
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await GreetAsync(host);

        foreach (var key in keys)
        {
            host.Time.Advance(Pause - TimeSpan.FromMilliseconds(1));
            await PressAsync(client, key);
        }

        host.Time.Advance(Pause - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await client.ReceivePendingAsync());
        host.Time.Advance(TimeSpan.FromMilliseconds(1));
        var answer = await client.ReceiveUntilAsync("response.done");

        Assert.Equal($"You pressed {string.Join(' ', keys.ToArray())}", answer.Single("response.output_audio_transcript.done").At("transcript"));
        Assert.Equal(Named(keys), answer.Audio());
        Assert.Empty(await LaterAsync(host, client));
    }

    [Fact]
    public async Task Key_IsNamed_ASecondAfterWhatIsBeingSaid()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        await PressAsync(client, '7');
        var greeting = await client.ReceiveUntilAsync("response.done");
        // 30 ms have passed since: the client let them pass for the delta that was the last.
        host.Time.Advance(Pause - TimeSpan.FromMilliseconds(31));
        Assert.Empty(await client.ReceivePendingAsync());
        host.Time.Advance(TimeSpan.FromMilliseconds(1));
        var answer = await client.ReceiveUntilAsync("response.done");

        Assert.Equal("completed", greeting[^1].At("response.status"));
        Assert.Equal(Named("7"), answer.Audio());
    }

    [Fact]
    public async Task Key_IsNamedWithTheAnswer_WhereTheCallerIsSpeaking()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await GreetAsync(host);

        await client.AppendAsync(Sound.Tone(500));
        await client.ReceiveAsync("input_audio_buffer.speech_started");
        await PressAsync(client, '7');
        host.Time.Advance(Pause);
        Assert.Empty(await client.ReceivePendingAsync());
        await client.AppendAsync(Sound.Silence(500));
        var answer = await client.ReceiveUntilAsync("response.done");

        Assert.StartsWith("You pressed 7 You said:", answer.Single("response.output_audio_transcript.done").At("transcript"));
        Assert.Empty(await LaterAsync(host, client));
    }

    [Fact]
    public async Task Key_IsNotNamedAgain_WhereASessionIsTakenUp()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await PressAsync(client, '7');
        await client.SendAsync(
            """{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"You pressed 7."}]}}""");

        await client.ReceivePendingAsync();
        Assert.Empty(await LaterAsync(host, client));
    }

    [Fact]
    public async Task OtherMessages_AreNotAnswered()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await GreetAsync(host);

        await TellAsync(client, "The caller pressed 12 on the keypad.");
        await TellAsync(client, Prompts.AreYouThere);

        Assert.Empty(await LaterAsync(host, client));
    }

    private static byte[] Named(string keys) =>
        [.. Clip.YouPressed.Audio.Span, .. keys.SelectMany(key => (byte[])[.. Sound.Silence(100), .. Clip.Key(key).Audio.Span])];

    private static async Task<OfflineClient> GreetAsync(OfflineHost host)
    {
        var client = await host.CallAsync();
        await client.SendAsync("""{"type":"response.create"}""");
        await client.ReceiveUntilAsync("response.done");
        return client;
    }

    private static Task PressAsync(OfflineClient client, char key) => TellAsync(client, Prompts.KeyPressed(key));

    private static async Task TellAsync(OfflineClient client, string message)
    {
        await client.SendAsync(
            $$"""{"type":"conversation.item.create","item":{"type":"message","role":"system","content":[{"type":"input_text","text":"{{message}}"}] } }""");
        await client.ReceiveUntilAsync("conversation.item.done");
    }

    private static async Task<List<JsonElement>> LaterAsync(OfflineHost host, OfflineClient client)
    {
        host.Time.Advance(TimeSpan.FromMinutes(1));
        return await client.ReceivePendingAsync();
    }
}
