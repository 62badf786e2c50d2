using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>The model ends every session after some time, and the caller notices nothing of it.</summary>
[Trait("Proves", "R4")]
public sealed class RenewalTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Call_PassesThroughSixSessions_WithoutAFrameLostOrTwice_AndWithoutAWord()
    {
        await using var call = await TestCall.StartAsync(_time, () => _time.GetUtcNow().AddSeconds(10));
        await call.Model.AnswerAsync(call.Caller, "1", "Hello.");
        var heard = Channel.CreateUnbounded<string>();
        var sessions = new List<FakeRealtimeSession> { call.Model };
        var listening = new List<Task> { ListenAsync(call.Model, heard.Writer) };
        var accepting = call.Server.AcceptNextAsync();
        var hearing = call.Caller.ReceiveAsync();

        for (var frame = 0; sessions.Count < 6 || sessions.SkipLast(1).Any(session => !session.Ended.IsCompleted); frame++)
        {
            var audio = Convert.ToBase64String(BitConverter.GetBytes(frame));
            await call.Caller.SendAsync($$$"""{"event":"media","streamSid":"{{{FakeTwilioStream.StreamSid}}}","media":{"payload":"{{{audio}}}"}}""");
            Assert.Equal(audio, await heard.Reader.ReadAsync(TestTimeout.Token));

            if (accepting.IsCompleted)
            {
                sessions.Add(await accepting);
                listening.Add(ListenAsync(sessions[^1], heard.Writer));
                accepting = call.Server.AcceptNextAsync();
            }

            _time.Advance(TimeSpan.FromMilliseconds(50));
            // The connections are real, and take their time.
            await Task.Yield();
        }

        Assert.False(hearing.IsCompleted);
        Assert.All(sessions.SkipLast(1), session => Assert.Equal(WebSocketCloseStatus.NormalClosure, session.Ended.Result));
    }

    [Fact]
    public async Task Answer_GoesOnInTheNextSession_WhereNoBetterMomentCame()
    {
        await using var call = await TestCall.StartAsync(_time, () => _time.GetUtcNow().AddSeconds(8));
        await call.Model.StartResponseAsync("resp_1");
        await call.Model.SayAsync("1", "Once upon a time", new byte[8 * 60_000]);
        await call.Caller.ReceiveAudioAsync();

        var accepting = call.Server.AcceptNextAsync();
        await _time.AdvanceUntilAsync(accepting, call.Caller);
        var next = await accepting;
        var asked = next.ReceiveTextsUntilAsync("response.create");
        await _time.AdvanceUntilAsync(asked, call.Caller);

        Assert.Equal(["Once upon a time", Prompts.GoOn(OpenTurn.RestOfAnswer)], await asked);
    }

    [Fact]
    public async Task Call_IsNotDisturbed_WhereTheNextSessionCannotBeHad()
    {
        await using var call = await TestCall.StartAsync(_time, () => _time.GetUtcNow().AddSeconds(60));
        await call.Model.GreetAsync(call.Caller);
        call.Server.Status = 503;
        await _time.AdvanceUntilAsync(call.Server.HandshakesAsync(3), call.Caller);

        await call.Model.AnswerAsync(call.Caller, "2", "Still here.");
    }

    // Also proves that it is asked for no greeting, and told what was said.
    private static async Task ListenAsync(FakeRealtimeSession session, ChannelWriter<string> heard)
    {
        try
        {
            while (await session.ReceiveAsync() is var @event)
            {
                switch ((string?)@event["type"])
                {
                    case "input_audio_buffer.append":
                        await heard.WriteAsync((string)@event["audio"]!);
                        break;
                    case "conversation.item.create":
                        Assert.Equal("Hello.", (string?)@event["item"]!["content"]![0]!["text"]);
                        break;
                    default:
                        heard.TryComplete(new InvalidDataException($"Nothing asks for {@event["type"]}."));
                        return;
                }
            }
        }
        catch (ChannelClosedException)
        {
            // The bridge has left.
        }
    }
}
