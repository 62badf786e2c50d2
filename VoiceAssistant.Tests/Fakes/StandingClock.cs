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

    private readonly Channel<(TimeSpan Due, TimeSpan Period)> _timers = Channel.CreateUnbounded<(TimeSpan, TimeSpan)>();

    public StandingClock()
    {
    }

    public StandingClock(DateTimeOffset start) : base(start)
    {
    }

    /// <summary>Only timers that are set from now on count.</summary>
    public void Forget()
    {
        while (_timers.Reader.TryRead(out _))
        {
        }
    }

    /// <returns>Completes when the next timer that is due after this time has been set.</returns>
    public Task TimerSetAsync(TimeSpan due) => TimerSetAsync(timer => timer.Due == due);

    /// <summary>As <see cref="TimerSetAsync(TimeSpan)"/>, for a pause that chance has a part in.</summary>
    /// <returns>The pause.</returns>
    public Task<TimeSpan> PauseBegunAsync(TimeSpan least, TimeSpan below) =>
        TimerSetAsync(timer => IsPause(timer, least, below));

    /// <summary>
    /// Lets each pause pass that begins from now on until something has happened, and no other time: what a real connection takes meanwhile counts
    /// towards no deadline.
    /// </summary>
    /// <param name="happening">What is waited for.</param>
    /// <param name="below">A timer that is due later is no pause.</param>
    public async Task PassPausesUntilAsync(Task happening, TimeSpan below)
    {
        using var end = new CancellationTokenSource();
        var passing = PassAsync();
        await Task.WhenAny(happening, passing);
        await end.CancelAsync();
        await passing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await happening;

        async Task PassAsync()
        {
            await foreach (var timer in _timers.Reader.ReadAllAsync(end.Token))
            {
                if (IsPause(timer, TimeSpan.Zero, below))
                {
                    Advance(timer.Due);
                }
            }
        }
    }

    private static bool IsPause((TimeSpan Due, TimeSpan Period) timer, TimeSpan least, TimeSpan below) =>
        timer.Period == Timeout.InfiniteTimeSpan && timer.Due >= least && timer.Due < below;

    private async Task<TimeSpan> TimerSetAsync(Func<(TimeSpan Due, TimeSpan Period), bool> isIt)
    {
        var end = TestTimeout.Token;
        while (true)
        {
            if (await _timers.Reader.ReadAsync(end) is var timer && isIt(timer))
            {
                return timer.Due;
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite((dueTime, period));
        return timer;
    }
}
