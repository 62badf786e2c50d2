namespace VoiceAssistant.Tests.Fakes;

/// <summary>The machine's time, for what cannot do without, with deadlines ten times as far away: nothing is given up because the machine is busy.</summary>
/// <param name="longest">What takes longer than this is no deadline, and takes its time; null where everything is one.</param>
internal sealed class PatientClock(TimeSpan? longest = null) : TimeProvider
{
    private const int Patience = 10;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, period == Timeout.InfiniteTimeSpan && dueTime > TimeSpan.Zero && !(dueTime > longest) ? dueTime * Patience : dueTime, period);
}
