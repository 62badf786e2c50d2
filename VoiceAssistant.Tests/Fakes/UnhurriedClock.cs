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
        clock.CreateTimer(callback, state, dueTime == RedisPatience.Value && period == Timeout.InfiniteTimeSpan ? ForRedis : dueTime, period);
}
