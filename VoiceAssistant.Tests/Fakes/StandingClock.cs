using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>
/// A clock that moves when the test says so, and says when somebody has begun to wait on it: whoever begins only after it was moved
/// waits for ever.
/// </summary>
internal sealed class StandingClock : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    /// <returns>Completes when the next timer that is due after this time has been set.</returns>
    public async Task TimerSetAsync(TimeSpan due)
    {
        while (await _timers.Reader.ReadAsync(TestTimeout.Token) != due)
        {
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite(dueTime);
        return timer;
    }
}
