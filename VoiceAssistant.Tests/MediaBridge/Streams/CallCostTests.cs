using VoiceAssistant.Calls.Budgets;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

public sealed class CallCostTests
{
    // A million tokens of audio that the model spoke: 64 dollars.
    private const string Done =
        """
        {"type":"response.done","event_id":"e","response":{"id":"resp_1","status":"completed","usage":{"output_tokens":1000000,
        "output_token_details":{"text_tokens":0,"audio_tokens":1000000}}}}
        """;

    private readonly StandingClock _time = new();

    [Fact, Trait("Proves", "T-B4")]
    public async Task Call_IsCounted_WhileItLastsAndAtItsEnd()
    {
        await using var call = await TestCall.StartAsync(_time);
        var redis = call.Bridge.Redis;
        await call.Model.GreetAsync(call.Caller);
        await _time.TimerSetAsync(CallBudgets.RenewInterval);
        await call.Model.StartResponseAsync("resp_1");
        await call.Model.SendDeltaAsync("resp_1", "item_1", [1, 2, 3]);
        await call.Caller.ReceiveAudioAsync();
        await call.Model.SendAsync(Done.ReplaceLineEndings(""));
        // Events are handled in their order: when this is heard, the costs are known.
        await call.Model.SendDeltaAsync("resp_1", "item_1", [4, 5, 6]);
        await call.Caller.ReceiveAudioAsync();

        // In steps, since a caller who sends nothing for 5 s is gone.
        for (var step = 0; step < 4; step++)
        {
            await call.BridgeHasReadEverythingAsync();
            await call.Bridge.HeardAsync();
            _time.Advance(CallBudgets.RenewInterval / 4);
        }

        await UntilAsync(async () => (long)await redis.HashGetAsync("va:day:20000101", "microdollars") == 64_000_000);
        Assert.Equal(10_000, (long)await redis.HashGetAsync("va:day:20000101", "milliseconds"));
        Assert.NotNull(await redis.SortedSetScoreAsync("va:calls", FakeTwilioStream.CallSid));

        // Less than Redis is given to answer: the bridge may not know yet that the above was counted, and would count it again.
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await call.Caller.CloseAsync();

        await UntilAsync(async () => await redis.SortedSetScoreAsync("va:calls", FakeTwilioStream.CallSid) is null);
        Assert.Equal(10_200, (long)await redis.HashGetAsync("va:day:20000101", "milliseconds"));
        Assert.Equal(64_000_000, (long)await redis.HashGetAsync("va:day:20000101", "microdollars"));
    }

    private static async Task UntilAsync(Func<Task<bool>> hasHappened)
    {
        for (var bound = TestTimeout.Token; !await hasHappened();)
        {
            bound.ThrowIfCancellationRequested();
        }
    }
}
