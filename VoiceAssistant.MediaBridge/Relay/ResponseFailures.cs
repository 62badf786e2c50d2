namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What to do about responses that are no whole answer, so that the caller never waits in silence.</summary>
internal sealed class ResponseFailures
{
    // More of them in a row with nothing to hear, and the next would be no better.
    private const int MostSilent = 3;

    // A second failure right after the retry loses the turn; a second lost turn in a row, and there is no point in going on.
    private int _inARow;
    private int _silent;
    private int _unfinished;

    internal enum Answer
    {
        Retry,
        AskAgain,
        GiveUp,

        /// <summary>The model is to say what it has written.</summary>
        AskForSpeech,

        /// <summary>The model is told that its tools do not exist, and is to go on.</summary>
        RefuseTools,

        /// <summary>The model is to say the rest.</summary>
        GoOn,
    }

    /// <summary>A response has failed.</summary>
    /// <param name="isGreeting">The caller has said nothing yet that they could say again.</param>
    public Answer Next(bool isGreeting) => ++_inARow switch
    {
        2 when !isGreeting => Answer.AskAgain,
        <= 3 => Answer.Retry,
        _ => Answer.GiveUp,
    };

    /// <summary>A response has ended, and nothing of it was heard. Counts as a failure, too.</summary>
    /// <param name="callsTools">It waits for what they return.</param>
    /// <param name="hasText">It has been written.</param>
    /// <param name="isGreeting"><inheritdoc cref="Next" path="/param"/></param>
    public Answer NextSilent(bool callsTools, bool hasText, bool isGreeting) => (++_silent < MostSilent ? Next(isGreeting) : Answer.GiveUp) switch
    {
        Answer.GiveUp => Answer.GiveUp,
        _ when callsTools => Answer.RefuseTools,
        Answer.Retry when hasText => Answer.AskForSpeech,
        var answer => answer,
    };

    /// <summary>A response was heard and has not said all. Once until the caller speaks: a model that is cut off each time would never end.</summary>
    public Answer NextUnfinished(bool callsTools)
    {
        _inARow = _silent = 0;
        return _unfinished++ > 0 ? Answer.AskAgain : callsTools ? Answer.RefuseTools : Answer.GoOn;
    }

    /// <summary>What comes now is another answer.</summary>
    public void CallerSpoke() => _unfinished = 0;

    public void Reset() => _inARow = _silent = _unfinished = 0;
}
