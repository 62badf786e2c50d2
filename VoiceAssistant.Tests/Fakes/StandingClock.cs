using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>
/// A clock that moves when the test says so, and says when somebody has begun to wait on it: whoever begins only after it was moved
/// waits for ever.
/// </summary>
internal sealed class StandingClock : FakeTimeProvider
{
    /// <summary>The due time of the timer that waits to renew a call's session: when it is set, nothing else is going on.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromMinutes(50);

    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    /// <returns>Completes when timers that are due after these times have been set, in any order.</returns>
    public async Task TimerSetAsync(params IEnumerable<TimeSpan> dues)
    {
        var awaited = dues.ToHashSet();
        while (awaited.Count > 0)
        {
            awaited.Remove(await _timers.Reader.ReadAsync(TestTimeout.Token));
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite(dueTime);
        return timer;
    }
}
