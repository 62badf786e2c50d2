namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What is to become of a call, the longer a process takes to stop.</summary>
/// <param name="grace">After which it is killed; zero where nobody would go on with its calls.</param>
internal sealed class DrainSchedule(TimeSpan grace)
{
    // Before the end of the grace. A turn rarely lasts for the 30 seconds in between.
    private static readonly TimeSpan HandOverBefore = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan AtOnceBefore = TimeSpan.FromSeconds(15);

    // In which Redis may come back: without it nobody could go on with a call. The rest is for the goodbye.
    private static readonly TimeSpan Insistence = TimeSpan.FromSeconds(3);

    private TimeSpan _atOnce = grace > AtOnceBefore ? grace - AtOnceBefore : TimeSpan.Zero;

    /// <summary>Somebody does not want to wait any longer.</summary>
    public void Hurry(TimeSpan elapsed)
    {
        if (elapsed < _atOnce)
        {
            _atOnce = elapsed;
        }
    }

    public HandOverMoment At(TimeSpan elapsed) =>
        grace == TimeSpan.Zero || elapsed >= _atOnce + Insistence ? HandOverMoment.Missed
        : elapsed >= _atOnce ? HandOverMoment.Now
        : elapsed >= grace - HandOverBefore ? HandOverMoment.BetweenTurns
        : HandOverMoment.Never;
}
