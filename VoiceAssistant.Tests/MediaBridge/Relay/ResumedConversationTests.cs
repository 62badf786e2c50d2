using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>A stream that goes on where another of the same call ended, perhaps on another replica.</summary>
public sealed class ResumedConversationTests
{
    [Fact]
    public async Task Conversation_GoesOn_WithWhatWasSaid()
    {
        var before = new ConversationSnapshot([new(Speaker.Assistant, "Hello."), new(Speaker.Caller, "What is Paris?")], OpenTurn.Answer);
        using var meters = new TestMeters();
        await using var relay = await SocketRelay.StartAsync(meters, before);

        Assert.Equal("assistant Hello.", await ReceiveAsync(relay.Model));
        Assert.Equal("user What is Paris?", await ReceiveAsync(relay.Model));
        Assert.Equal("response.create", await ReceiveAsync(relay.Model));
        Assert.Equal(before.Turns, relay.Conversation.Snapshot().Turns);
        Assert.Equal(OpenTurn.Answer, relay.Conversation.Snapshot().Open);
    }

    [Fact]
    public async Task Snapshot_HasWhatWasHeard_AsSoonAsItIsTold()
    {
        using var meters = new TestMeters();
        await using var relay = await SocketRelay.StartAsync(meters);
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        relay.Conversation.SnapshotChanged += () => changed.TrySetResult();

        await SendAsync(relay.Model, """{"type":"input_audio_buffer.committed","event_id":"e","item_id":"user_1"}""");
        await SendAsync(relay.Model, """{"type":"conversation.item.input_audio_transcription.completed","event_id":"e","item_id":"user_1","transcript":"Hi."}""");
        await changed.Task.WaitAsync(TestTimeout.Token);

        Assert.Equal([new Turn(Speaker.Caller, "Hi.")], relay.Conversation.Snapshot().Turns);
    }

    private static Task SendAsync(WebSocket model, string json) =>
        model.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, endOfMessage: true, TestTimeout.Token);

    private static async Task<string> ReceiveAsync(WebSocket model)
    {
        var buffer = new byte[4096];
        var received = await model.ReceiveAsync(buffer.AsMemory(), TestTimeout.Token);
        var @event = JsonNode.Parse(buffer.AsSpan(0, received.Count))!;
        return @event["item"] is { } item ? $"{item["role"]} {item["content"]![0]!["text"]}" : (string)@event["type"]!;
    }
}
