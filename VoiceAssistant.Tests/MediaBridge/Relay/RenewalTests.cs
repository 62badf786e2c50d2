using System.Net.WebSockets;
using System.Threading.Channels;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>The model ends every session after some time, and the caller notices nothing of it.</summary>
[Trait("Proves", "R4")]
public sealed class RenewalTests
{
    // How often a good moment is looked for.
    private static readonly TimeSpan MomentInterval = TimeSpan.FromMilliseconds(100);

    private readonly StandingClock _time = new();

    [Fact]
    public async Task Call_PassesThroughSixSessions_WithoutAFrameLostOrTwice_AndWithoutAWord()
    {
        await using var call = await TestCall.StartAsync(_time, () => _time.GetUtcNow().AddSeconds(10));
        using var telemetry = new TelemetryRecorder(call.Bridge.Meters);
        await call.Model.AnswerAsync(call.Caller, "1", "Hello.");
        await call.BridgeHasHeardAsync(call.Model);
        var heard = Channel.CreateUnbounded<(FakeRealtimeSession By, string Audio)>();
        var frame = 0;
        _ = ListenAsync(call.Model, heard.Writer);

        var current = call.Model;
        for (var renewal = 0; renewal < 5; renewal++)
        {
            // At the latest then, a tenth before its end, the next one is opened; that takes its real time.
            for (var due = _time.GetUtcNow().AddSeconds(9); _time.GetUtcNow() < due;)
            {
                _time.Advance(TimeSpan.FromMilliseconds(250));
                Assert.Equal(current, await SpeakAsync());
            }

            var next = await AcceptReadyAsync(call);
            _ = ListenAsync(next, heard.Writer);
            _time.Advance(MomentInterval);
            for (var end = TestTimeout.Token; await SpeakAsync() == current;)
            {
                end.ThrowIfCancellationRequested();
            }

            Assert.Equal(WebSocketCloseStatus.NormalClosure, await current.Ended);
            current = next;
        }

        Assert.Equal(5, telemetry.Measured("va.openai.reconnects", "reason", "renewed").Count);

        // The first thing that the caller hears since.
        await current.StartResponseAsync("resp_2");
        await current.SendDeltaAsync("resp_2", "item_2", [1, 2, 3]);
        Assert.Equal([1, 2, 3], (await call.Caller.ReceiveAudioAsync()).Audio);

        async Task<FakeRealtimeSession> SpeakAsync()
        {
            var audio = Convert.ToBase64String(BitConverter.GetBytes(++frame));
            await call.Caller.SendAsync($$$"""{"event":"media","streamSid":"{{{FakeTwilioStream.StreamSid}}}","media":{"payload":"{{{audio}}}"}}""");
            var (by, words) = await heard.Reader.ReadAsync(TestTimeout.Token);
            Assert.Equal(audio, words);
            return by;
        }
    }

    [Fact]
    public async Task Answer_GoesOnInTheNextSession_WhereNoBetterMomentCame()
    {
        await using var call = await TestCall.StartAsync(_time, () => _time.GetUtcNow().AddSeconds(8));
        await call.Model.StartResponseAsync("resp_1");
        await call.Model.SayAsync("1", "Once upon a time", new byte[8 * 60_000]);
        await call.Caller.ReceiveAudioAsync();

        // A tenth before its end, the next one is opened; that takes its real time.
        await PassAsync(call, TimeSpan.FromSeconds(7.2));
        var next = await AcceptReadyAsync(call);
        var asked = next.ReceiveTextsUntilAsync("response.create");
        await _time.AdvanceUntilAsync(asked, call.Bridge, call.Caller);

        Assert.Equal(["Once upon a time", Prompts.GoOn(OpenTurn.RestOfAnswer)], await asked);
    }

    [Fact]
    public async Task Call_IsNotDisturbed_WhereTheNextSessionCannotBeHad()
    {
        await using var call = await TestCall.StartAsync(_time, () => _time.GetUtcNow().AddSeconds(60));
        await call.Model.GreetAsync(call.Caller);
        call.Server.Status = 503;
        await PassAsync(call, TimeSpan.FromSeconds(54));
        await _time.AdvanceUntilAsync(call.Server.HandshakesAsync(3), call.Bridge, call.Caller);

        await call.Model.AnswerAsync(call.Caller, "2", "Still here.");
    }

    [Fact]
    public async Task NoSession_IsLeft_WhereTheCallEndsBeforeTheNextOneTakesOver()
    {
        using var meters = new TestMeters();
        await using var relay = await SocketRelay.StartAsync(meters, time: _time);
        await _time.TimerSetAsync(StandingClock.Renewal);
        // More than anybody takes who does not read: whoever speaks keeps the next session waiting.
        var prompting = relay.Conversation.PromptAsync(new string('x', 64 * 1024 * 1024), CancellationToken.None);
        _time.Forget();
        _time.Advance(StandingClock.Renewal);
        using var next = await relay.AcceptModelAsync();
        await _time.TimerSetAsync(MomentInterval);
        _time.Advance(MomentInterval);

        await relay.EndAsync();

        Assert.Equal(0, relay.OpenSessions);
        Assert.False(await prompting.WaitAsync(TestTimeout.Token));
    }

    /// <returns>The next session, when it is ready and waits for a good moment: that takes its real time, too.</returns>
    private async Task<FakeRealtimeSession> AcceptReadyAsync(TestCall call)
    {
        // The heart beats as often, but not while time stands still.
        _time.Forget();
        var next = await call.Server.AcceptNextAsync();
        await _time.TimerSetAsync(MomentInterval);
        return next;
    }

    // In steps, since a caller who sends nothing for 5 s is gone.
    private async Task PassAsync(TestCall call, TimeSpan duration)
    {
        const int Steps = 18;
        for (var step = 0; step < Steps; step++)
        {
            await call.BridgeHasReadEverythingAsync();
            await call.Bridge.HeardAsync();
            _time.Advance(duration / Steps);
        }
    }

    // Also proves that it is asked for no greeting, and told what was said.
    private static async Task ListenAsync(FakeRealtimeSession session, ChannelWriter<(FakeRealtimeSession By, string Audio)> heard)
    {
        await foreach (var @event in session.ReceiveToEndAsync())
        {
            switch ((string?)@event["type"])
            {
                case "input_audio_buffer.append":
                    await heard.WriteAsync((session, (string)@event["audio"]!));
                    break;
                case "conversation.item.create" when (string?)@event["item"]!["content"]![0]!["text"] is "Hello.":
                    break;
                default:
                    heard.TryComplete(new InvalidDataException($"Nothing asks for {@event}."));
                    return;
            }
        }
    }
}
