namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What to do about responses that failed, so that the caller never waits in silence.</summary>
internal sealed class ResponseFailures
{
    // A second failure right after the retry loses the turn; a second lost turn in a row, and there is no point in going on.
    private int _inARow;

    internal enum Answer
    {
        Retry,
        AskAgain,
        GiveUp,
    }

    public Answer Next() => ++_inARow switch
    {
        1 => Answer.Retry,
        2 => Answer.AskAgain,
        3 => Answer.Retry,
        _ => Answer.GiveUp,
    };

    public void Reset() => _inARow = 0;
}
