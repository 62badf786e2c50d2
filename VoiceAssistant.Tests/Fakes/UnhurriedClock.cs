using VoiceAssistant.Calls.Redis;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>
/// The test's clock, on which Redis is given a hundred times as long: what it has answered in no time may still be waiting for a thread of
/// this machine when the test lets seconds pass.
/// </summary>
internal sealed class UnhurriedClock(TimeProvider clock) : TimeProvider
{
    /// <summary>How long one wait for Redis lasts here. There are five of them: on such a clock, each ends late.</summary>
    public static readonly TimeSpan ForRedis = 20 * RedisPatience.Value;

    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(callback, state, IsWaitForRedis(state, dueTime, period) ? ForRedis : dueTime, period);

    // Redis's answer is waited for by Task.WaitAsync. A pause of Task.Delay's that chance has a part in may be as long to the millisecond.
    private static bool IsWaitForRedis(object? state, TimeSpan dueTime, TimeSpan period) =>
        dueTime == RedisPatience.Value && period == Timeout.InfiniteTimeSpan
        && state?.GetType().Name.StartsWith("DelayPromise", StringComparison.Ordinal) is not true;
}
