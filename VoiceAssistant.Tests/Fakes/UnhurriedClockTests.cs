using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Calls.Redis;

namespace VoiceAssistant.Tests.Fakes;

public sealed class UnhurriedClockTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Redis_IsGivenLonger_AndAPauseOfTheSameLengthIsNot()
    {
        var clock = new UnhurriedClock(_time);
        var answer = new TaskCompletionSource<int>().Task.WithinPatience(clock, TestTimeout.Token);
        var pause = Task.Delay(RedisPatience.Value, clock, CancellationToken.None);
        var pauseThatCanBeEnded = Task.Delay(RedisPatience.Value, clock, TestTimeout.Token);

        _time.Advance(RedisPatience.Value);
        await Task.WhenAll(pause, pauseThatCanBeEnded).WaitAsync(TestTimeout.Value, TestTimeout.Token);
        Assert.False(answer.IsCompleted);

        // There are five waits where the process is late, as it is on such a clock.
        while (!answer.IsCompleted)
        {
            _time.Advance(UnhurriedClock.ForRedis);
            await Task.Delay(1, TestTimeout.Token);
        }

        await Assert.ThrowsAsync<TimeoutException>(() => answer);
    }
}
