namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>Whether it is worth trying to reach the model: what all calls of this replica have learned, a circuit breaker.</summary>
/// <remarks>
/// Not Polly's, which opens at a share of failures within a period, takes a caller who hangs up during the probe for a success, and tells
/// those who wait for the probe to wait for a whole break more.
/// </remarks>
internal sealed class ModelHealth(TimeProvider time)
{
    private const int FailuresToOpen = 5;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Break = TimeSpan.FromSeconds(15);

    // Somebody else is probing, and knows more within a round trip or two.
    private static readonly TimeSpan ProbeUnderway = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly Queue<long> _failures = new(FailuresToOpen);
    private long _openedAt;
    private bool _isOpen;
    private bool _isProbing;

    /// <summary>Whether the model is taken to be out of reach: until a try succeeds.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return _isOpen;
            }
        }
    }

    /// <summary>Before that, nobody tries.</summary>
    public TimeSpan RetryIn
    {
        get
        {
            lock (_lock)
            {
                return !_isOpen ? TimeSpan.Zero
                    : Break - time.GetElapsedTime(_openedAt) is var left && left > ProbeUnderway ? left
                    : _isProbing ? ProbeUnderway
                    : left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    /// <returns>False where a try is not worth it now; else <see cref="Succeeded"/>, <see cref="Failed"/> or <see cref="Abandoned"/> must follow.</returns>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (!_isOpen)
            {
                return true;
            }

            if (_isProbing || time.GetElapsedTime(_openedAt) < Break)
            {
                return false;
            }

            return _isProbing = true;
        }
    }

    public void Succeeded()
    {
        lock (_lock)
        {
            // Whatever failed before, the model is there.
            _failures.Clear();
            _isOpen = _isProbing = false;
        }
    }

    public void Failed()
    {
        lock (_lock)
        {
            while (_failures.TryPeek(out var oldest) && (_failures.Count == FailuresToOpen || time.GetElapsedTime(oldest) > Window))
            {
                _failures.Dequeue();
            }

            _failures.Enqueue(time.GetTimestamp());
            if (_isOpen || _failures.Count == FailuresToOpen)
            {
                _isOpen = true;
                _isProbing = false;
                _openedAt = time.GetTimestamp();
            }
        }
    }

    /// <summary>Nobody waited for how the try would end.</summary>
    public void Abandoned()
    {
        lock (_lock)
        {
            _isProbing = false;
        }
    }
}
