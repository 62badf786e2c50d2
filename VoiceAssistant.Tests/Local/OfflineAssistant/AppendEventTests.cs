using System.Text;
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
        var detection = new TurnDetection(0.5, 300, 500, CreateResponse: true, InterruptResponse: true);
        var activity = new VoiceActivity();
        using var input = new InputAudio();

        Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 10_000; round++)
        {
            Round();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Round()
        {
            AppendEvent.TryRead(message, out var audio);
            input.TryAppend(audio);
            activity.Examine(input.Slice(input.End - VoiceActivity.WindowBytes, VoiceActivity.WindowBytes), detection);
            input.ForgetBefore(input.End - 2880);
        }
    }
}
