using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Local.Measuring;

/// <summary>
/// Wakes each phone at its own millisecond. The system's timers go off in steps of 4 ms, so a hundred callers would speak in choirs of twenty,
/// and each frame would be measured behind its neighbours.
/// </summary>
internal sealed class PhoneClock : TimeProvider, IDisposable
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<Ticking, long> _due = new();
    private volatile bool _isDisposed;

    public PhoneClock() => new Thread(Run) { IsBackground = true, Name = nameof(PhoneClock) }.Start();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period != Frame.Duration)
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        var ticking = new Ticking(callback, state);
        Enqueue(ticking, GetTimestamp() + InTimestamps(dueTime));
        return ticking;
    }

    public void Dispose() => _isDisposed = true;

    private void Run()
    {
        while (!_isDisposed)
        {
            while (TryTakeDue(out var ticking, out var due))
            {
                ticking.Tick();
                Enqueue(ticking, due + InTimestamps(Frame.Duration));
            }

            Thread.Sleep(1);
        }
    }

    private bool TryTakeDue(out Ticking ticking, out long due)
    {
        lock (_lock)
        {
            return _due.TryPeek(out ticking!, out due) && due <= GetTimestamp() && _due.TryDequeue(out ticking!, out due);
        }
    }

    private void Enqueue(Ticking ticking, long due)
    {
        lock (_lock)
        {
            if (!ticking.IsDisposed)
            {
                _due.Enqueue(ticking, due);
            }
        }
    }

    private long InTimestamps(TimeSpan time) => (long)(time.TotalSeconds * TimestampFrequency);

    private sealed class Ticking(TimerCallback callback, object? state) : ITimer
    {
        public bool IsDisposed { get; private set; }

        public void Tick()
        {
            if (!IsDisposed)
            {
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException("A phone's clock is not adjusted.");

        public void Dispose() => IsDisposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
