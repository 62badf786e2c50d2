using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>A model that does not come to an end is cut off, and the conversation goes on.</summary>
[Trait("Proves", "T-B5"), Trait("Proves", "R16")]
public sealed class RunawayTests : IAsyncLifetime
{
    private readonly StandingClock _time = new();
    private TestCall _call = null!;

    private FakeTwilioStream Caller => _call.Caller;

    public async ValueTask InitializeAsync()
    {
        _call = await TestCall.StartAsync(_time);
        await _time.TimerSetAsync(StandingClock.Renewal);
        await _call.Model.AnswerAsync(Caller, "greeting", "Hello.");
    }

    public ValueTask DisposeAsync() => _call.DisposeAsync();

    [Fact]
    public async Task Answer_IsCutOff_AfterFourMinutes_AndTheCallerIsAnsweredAgain()
    {
        await TalkForFiveMinutesAsync();
        await _call.Model.EndResponseAsync("resp_1", "cancelled");

        // The caller has had enough of it.
        await _call.Model.HearAsync("user_1", "Stop. What is Paris?");
        Assert.Equal("clear", (string?)(await Caller.ReceiveAsync())?["event"]);
        await _call.Model.AnswerAsync(Caller, "2", "A city.");
        Assert.Equal(1, _call.Server.Handshakes);
    }

    [Fact]
    public async Task Model_IsReplaced_ThatGoesOnThoughItWasToStop()
    {
        await TalkForFiveMinutesAsync();

        var next = await TalkOnUntilReplacedAsync(() => _call.Model.SendDeltaAsync("resp_1", "item_1", new byte[160]));

        // It has said more than enough.
        Assert.DoesNotContain("response", await next.ReceiveStoryAsync(Caller));
        await next.HearAsync("user_1", "What is Paris?");
        Assert.Equal("clear", (string?)(await Caller.ReceiveAsync())?["event"]);
        await next.AnswerAsync(Caller, "2", "A city.");
    }

    [Fact]
    public async Task Model_IsReplaced_ThatIsBusyAndSaysNothing()
    {
        await _call.Model.HearAsync("user_1", "What is Paris?");
        await _call.Model.StartResponseAsync("resp_1");

        var next = await TalkOnUntilReplacedAsync(() => _call.Model.SendAsync(
            """{"type":"response.function_call_arguments.delta","event_id":"e","response_id":"resp_1","item_id":"item_1","delta":"{"}"""));

        Assert.Equal(["assistant: Hello.", "user: What is Paris?", "response"], await next.ReceiveStoryAsync(Caller));
        await next.AnswerAsync(Caller, "2", "A city.");
    }

    [Fact]
    public async Task Model_IsReplaced_ThatSendsEventsButNoAnswer()
    {
        await _call.Model.HearAsync("user_1", "What is Paris?");
        var since = _time.GetUtcNow();
        var next = _call.Server.AcceptNextAsync();
        while (!next.IsCompleted)
        {
            await _call.Model.SendAsync("""{"type":"conversation.item.added","event_id":"e","item":{"id":"item_1"}}""");
            await Caller.TrySendMediaAsync(0, [0x7F]);
            await _call.Bridge.HeardAsync();
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(next, Task.Delay(20, TestTimeout.Token));
        }

        Assert.InRange(_time.GetUtcNow() - since, Patience.Endless, TimeSpan.MaxValue);
        await _call.Bridge.Log.WaitForAsync("it does not answer");
        Assert.Contains("response", await (await next).ReceiveStoryAsync(Caller));
    }

    private async Task TalkForFiveMinutesAsync()
    {
        await _call.Model.StartResponseAsync("resp_1");
        for (var second = 0; second < 300; second++)
        {
            await _call.Model.SendDeltaAsync("resp_1", "item_1", new byte[8000]);
        }

        for (var second = 0; second < 240; second++)
        {
            await Caller.ReceiveAudioAsync();
        }

        await _call.Model.ReceiveAsync("response.cancel");
        Assert.Equal(240_000, (int)(await _call.Model.ReceiveAsync("conversation.item.truncate"))["audio_end_ms"]!);
    }

    /// <returns>The session that takes over from one that does this every second.</returns>
    private async Task<FakeRealtimeSession> TalkOnUntilReplacedAsync(Func<Task> goOn)
    {
        var next = _call.Server.AcceptNextAsync();
        for (var second = 0; second < 29; second++)
        {
            await goOn();
            await _call.BridgeHasHeardAsync(_call.Model);
            await _call.BridgeHasReadEverythingAsync();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, _call.Server.Handshakes);
        _time.Advance(TimeSpan.FromSeconds(2));
        return await next;
    }
}
