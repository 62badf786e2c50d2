namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>How often and how soon something is tried again while a caller waits for it.</summary>
/// <param name="budget">For all tries together, from now on.</param>
/// <param name="patience">The longest pause that is worth waiting for.</param>
/// <param name="failuresBefore">Tries that failed before these.</param>
/// <param name="time">What the budget is measured by.</param>
internal sealed class Retries(TimeSpan budget, TimeSpan patience, int failuresBefore, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    // So that the calls which one restart of the model's side has cut off do not come back all at once.
    private const double Jitter = 0.2;

    private readonly long _started = time.GetTimestamp();
    private int _failures = failuresBefore;

    /// <summary>What is left of the budget.</summary>
    public TimeSpan Left => budget - time.GetElapsedTime(_started) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Waits before the next try.</summary>
    /// <returns>False where there is to be none: it would be in vain, or come too late.</returns>
    public async Task<bool> PauseAsync(RealtimeException failure, CancellationToken cancellationToken)
    {
        if (failure.IsRemedied)
        {
            return Left > TimeSpan.Zero;
        }

        var pause = NextPause();
        if (failure.RetryAfter > pause)
        {
            pause = failure.RetryAfter;
        }

        if (failure.IsPermanent || pause > patience || pause >= Left)
        {
            return false;
        }

        await Task.Delay(pause, time, cancellationToken);
        return true;
    }

    private TimeSpan NextPause()
    {
        var pause = FirstPause * (1 << Math.Min(_failures++, 10));
        return (pause < LongestPause ? pause : LongestPause) * (1 - Jitter + (2 * Jitter * Random.Shared.NextDouble()));
    }
}
