using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using VoiceAssistant.Local.OfflineAssistant;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

public sealed class AppendEventTests
{
    [Theory]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"//8="}""", "//8=")]
    [InlineData(""" { "audio" : "//8=" , "type" : "input_audio_buffer.append" } """, "//8=")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":""}""", "")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"\/\/8="}""", null)]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"//8=","event_id":"e"}""", null)]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"//8=","audio":"//8="}""", null)]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"//8="}}""", null)]
    [InlineData("""{"type":"input_audio_buffer.append"}""", null)]
    [InlineData("""{"type":"input_audio_buffer.commit"}""", null)]
    [InlineData("""{"\ud800":"x"}""", null)]
    [InlineData("""["type"]""", null)]
    [InlineData("", null)]
    public void Append_IsReadInPlace_WhenItIsOrdinary(string json, string? audio)
    {
        var found = AppendEvent.TryRead(Encoding.UTF8.GetBytes(json), out var read);

        Assert.Equal(audio is not null, found);
        Assert.Equal(audio ?? "", found ? Encoding.UTF8.GetString(read) : "");
    }

    [Fact]
    public async Task Append_IsTheSameAudio_TheLongWay()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync("null");
        var audio = Enumerable.Range(0, 1600).Select(sample => (byte)sample).ToArray();

        await client.SendAsync($$"""{"type":"input_audio_buffer.append","event_id":"e","audio":"{{Convert.ToBase64String(audio).Replace("/", "\\/", StringComparison.Ordinal)}}"}""");
        await client.SendAsync("""{"type":"input_audio_buffer.commit"}""");
        var itemId = (await client.ReceivePendingAsync())[0].At("item_id");
        await client.SendAsync($$"""{"type":"conversation.item.retrieve","item_id":"{{itemId}}"}""");

        Assert.Equal(Convert.ToBase64String(audio), (await client.ReceiveAsync("conversation.item.retrieved")).At("item.content.0.audio"));
    }

    [Fact]
    public void Append_AllocatesNothing_OnTheWayIntoTheBuffer()
    {
        var message = Encoding.UTF8.GetBytes($$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(Sound.Noise(20, -50, seed: 1))}}"}""");
        using var socket = WebSocket.CreateFromStream(Stream.Null, new WebSocketCreationOptions());
        using var events = new ServerEvents(new Outbox(socket));
        using var update = JsonDocument.Parse("""{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcmu"}}}}""");
        var settings = new SessionSettings("gpt-realtime-2.1", DateTimeOffset.UnixEpoch);
        settings.Update(update.RootElement);
        var conversation = new Conversation();
        using var responses = new Responses(settings, conversation, events, TimeProvider.System, new Lock());
        using var turns = new CallerTurns(settings, conversation, responses, events);

        Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 10_000; round++)
        {
            Round();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Round()
        {
            Assert.True(AppendEvent.TryRead(message, out var audio));
            turns.Append(audio);
        }
    }
}
