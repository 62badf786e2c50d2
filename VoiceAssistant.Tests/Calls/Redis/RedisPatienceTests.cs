using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Calls.Redis;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Redis;

/// <summary>Redis is given up when it is silent, not when this process had no time to listen.</summary>
public sealed class RedisPatienceTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    private readonly TaskCompletionSource<int> _answer = new();

    [Fact, Trait("Proves", "R5")]
    public async Task Redis_IsGivenUp_After300Milliseconds()
    {
        var time = new FakeTimeProvider();
        var waiting = _answer.Task.WithinPatience(time, CancellationToken.None);

        time.Advance(RedisPatience.Value - Millisecond);
        Assert.False(waiting.IsCompleted);

        time.Advance(Millisecond);
        await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(TestTimeout.Token));
    }

    [Fact, Trait("Proves", "R35")]
    public async Task Answer_IsWaitedForAgain_WhereThisProcessStoodStill()
    {
        var time = new StandingClock();
        var waiting = _answer.Task.WithinPatience(time, CancellationToken.None);
        await time.TimerSetAsync(RedisPatience.Value);

        time.Advance(TimeSpan.FromSeconds(1));
        await time.TimerSetAsync(RedisPatience.Value);
        _answer.SetResult(7);

        Assert.Equal(7, await waiting.WaitAsync(TestTimeout.Token));
    }

    [Theory, Trait("Proves", "R5")]
    [InlineData(1, 300)]
    [InlineData(4, 1000)]
    public async Task Redis_IsGivenUp_WhereItIsSilentAfterThatAsWell(int stops, int thenMilliseconds)
    {
        var time = new StandingClock();
        var waiting = _answer.Task.WithinPatience(time, CancellationToken.None);
        await time.TimerSetAsync(RedisPatience.Value);

        for (var stop = 0; stop < stops; stop++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await time.TimerSetAsync(RedisPatience.Value);
        }

        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(thenMilliseconds));

        await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(TestTimeout.Token));
    }

    // The client's own, as well.
    [Fact]
    public async Task Fault_IsNotWaitedAfter()
    {
        _answer.SetException(new TimeoutException("of the client"));

        var thrown = await Assert.ThrowsAsync<TimeoutException>(() => _answer.Task.WithinPatience(new FakeTimeProvider(), CancellationToken.None));
        Assert.Equal("of the client", thrown.Message);
    }
}
