namespace VoiceAssistant.Local.Chaos;

/// <summary>By how much this process was late at worst: what it measures is no better than its own clock.</summary>
internal sealed class Lateness
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Task<TimeSpan> _watching;
    private volatile bool _isStopping;

    public Lateness(TimeProvider time) => _watching = WatchAsync(time);

    public async Task<TimeSpan> StopAsync()
    {
        _isStopping = true;
        return await _watching;
    }

    private async Task<TimeSpan> WatchAsync(TimeProvider time)
    {
        var worst = TimeSpan.Zero;
        while (!_isStopping)
        {
            var before = time.GetTimestamp();
            await Task.Delay(Interval, time, CancellationToken.None);
            var late = time.GetElapsedTime(before) - Interval;
            worst = late > worst ? late : worst;
        }

        return worst;
    }
}
