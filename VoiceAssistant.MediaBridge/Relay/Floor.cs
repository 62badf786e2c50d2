namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>Who speaks, and who is to speak next.</summary>
/// <remarks>Thread-safe: the model's side tells it, others ask.</remarks>
internal sealed class Floor(OpenTurn open)
{
    private readonly Lock _lock = new();
    private OpenTurn _open = open;
    private bool _callerSpeaks;
    private bool _isRequested;
    private bool _isResponding;
    private bool _hasSpoken;
    private bool _isAwaited;
    private int _signs;

    /// <summary>How often the caller has begun to speak, or pressed a key.</summary>
    public int CallerSigns => Volatile.Read(ref _signs);

    public OpenTurn Open
    {
        get
        {
            lock (_lock)
            {
                return _callerSpeaks ? OpenTurn.Question : _isResponding && _hasSpoken ? OpenTurn.RestOfAnswer : _open;
            }
        }
    }

    public bool CallerSpeaks
    {
        get
        {
            lock (_lock)
            {
                return _callerSpeaks;
            }
        }
    }

    /// <summary>Whether the model has begun to answer, or was asked to.</summary>
    public bool IsModelDue
    {
        get
        {
            lock (_lock)
            {
                return _isResponding || _isRequested;
            }
        }
    }

    /// <summary>Whether the caller waits for the model: it has been asked, by them or by us, and not said all that it has to say.</summary>
    public bool IsModelAwaited
    {
        get
        {
            lock (_lock)
            {
                return _isAwaited;
            }
        }
    }

    /// <summary>Whether nobody speaks, and nobody is to.</summary>
    public bool IsFree
    {
        get
        {
            lock (_lock)
            {
                return !_callerSpeaks && !_isResponding && !_isRequested && _open is OpenTurn.None;
            }
        }
    }

    public void CallerPressed() => Interlocked.Increment(ref _signs);

    public void CallerStarted()
    {
        CallerPressed();
        lock (_lock)
        {
            // Whatever they were owed before: they know where they are.
            _open = OpenTurn.None;
            _callerSpeaks = true;
            _isAwaited = false;
        }
    }

    public void CallerStopped()
    {
        lock (_lock)
        {
            _open = OpenTurn.Answer;
            _callerSpeaks = false;
            _isAwaited = true;
        }
    }

    /// <summary>We have asked the model to speak.</summary>
    public void ResponseRequested()
    {
        lock (_lock)
        {
            _isRequested = _isAwaited = true;
        }
    }

    /// <summary>The model will not do what it was asked for.</summary>
    public void RequestRefused()
    {
        lock (_lock)
        {
            _isRequested = false;
            _isAwaited = _isResponding;
        }
    }

    public void ResponseStarted()
    {
        lock (_lock)
        {
            // The caller's turn is over then.
            _callerSpeaks = _isRequested = _hasSpoken = false;
            _isResponding = _isAwaited = true;
        }
    }

    /// <summary>Some of the response has been passed on to the caller.</summary>
    public void ModelSpoke()
    {
        lock (_lock)
        {
            _hasSpoken = true;
        }
    }

    /// <summary>All words of the answer are there. Those of which nothing was passed on to the caller are none.</summary>
    public void AnswerSaid()
    {
        lock (_lock)
        {
            if (_hasSpoken)
            {
                _open = OpenTurn.None;
                _hasSpoken = _isAwaited = false;
            }
        }
    }

    public void ResponseEnded(bool isAnswer)
    {
        lock (_lock)
        {
            _open = isAnswer ? OpenTurn.None : _open;
            _isRequested = _isResponding = _hasSpoken = _isAwaited = false;
        }
    }

    /// <summary>The response gave way to the caller, whose turn it has been since: if they have finished meanwhile, they wait for an answer.</summary>
    public void ResponseCancelled()
    {
        lock (_lock)
        {
            _isRequested = _isResponding = _hasSpoken = false;
        }
    }

    /// <summary>The caller has heard the beginning of the answer, and the rest did not come.</summary>
    public void AnswerCut()
    {
        lock (_lock)
        {
            _open = OpenTurn.RestOfAnswer;
        }
    }

    /// <summary>The answer that has failed is to come all the same, a little later.</summary>
    public void AnswerPutOff()
    {
        lock (_lock)
        {
            _isAwaited = !_callerSpeaks;
        }
    }

    /// <summary>The model is gone, and whatever was going on with it.</summary>
    /// <param name="open">What the assistant owes the caller because of that.</param>
    public void SessionEnded(OpenTurn open)
    {
        lock (_lock)
        {
            _open = open;
            _callerSpeaks = _isRequested = _isResponding = _hasSpoken = _isAwaited = false;
        }
    }
}
