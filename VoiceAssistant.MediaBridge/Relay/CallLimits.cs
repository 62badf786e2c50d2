namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>Ends a call that has lasted long enough, or that the caller has left lying: neither without a word before.</summary>
/// <param name="conversation">What is to end.</param>
/// <param name="age">How long the call has lasted already, in other streams.</param>
/// <param name="longest">How long it may last in all.</param>
/// <param name="time">What that is measured by.</param>
internal sealed class CallLimits(Conversation conversation, TimeSpan age, TimeSpan longest, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    // Long enough for whoever was asked something to begin with the answer.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // One that comes to this bridge too late is said goodbye to, as any other.
    private readonly TimeSpan _leftAtFirst = age < longest ? longest - age : TimeSpan.Zero;
    private readonly long _began = time.GetTimestamp();
    private long _quietSince = time.GetTimestamp();
    private int _signs;
    private bool _hasAsked;
    private bool _hasWarned;

    /// <summary>Whether whoever runs this should have ended the call, and has not.</summary>
    public bool IsOverdue => Left < -Patience.Overdue;

    private TimeSpan Left => _leftAtFirst - time.GetElapsedTime(_began);

    /// <returns>When and why the call is to end, with a goodbye.</returns>
    public async Task<CallEnd> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval, time, cancellationToken);
                var quiet = Quiet();
                if (Left <= TimeSpan.Zero && (quiet > TimeSpan.Zero || Left <= -Patience.LastWords))
                {
                    return CallEnd.TimeLimit;
                }

                if (_hasAsked && quiet >= Patience.Unanswered)
                {
                    return CallEnd.CallerSilent;
                }

                await SpeakUpAsync(quiet, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The call ended.
            return CallEnd.Stopping;
        }
    }

    private async Task SpeakUpAsync(TimeSpan quiet, CancellationToken cancellationToken)
    {
        if (!_hasAsked && quiet >= Patience.Unheard)
        {
            _hasAsked = await conversation.PromptAsync(Prompts.AreYouThere, cancellationToken);
            // The time to answer begins here, should the model not say a word of it.
            _quietSince = time.GetTimestamp();
        }
        else if (!_hasWarned && Left <= Patience.Warning && IsGoodMoment(quiet))
        {
            _hasWarned = await conversation.PromptAsync(Prompts.TimeIsShort(RoundSeconds(Left)), cancellationToken);
        }
    }

    // The less time is left, the less is asked of the moment; in the last seconds it is too late for words.
    private bool IsGoodMoment(TimeSpan quiet) =>
        RoundSeconds(Left) > 0 && (quiet >= Pause || (Left < Patience.Warning / 2 && conversation.IsBetweenTurns));

    /// <returns>For how long nobody has said anything that the other could hear; zero while somebody does.</returns>
    private TimeSpan Quiet()
    {
        var signs = conversation.CallerSigns;
        if (signs != _signs)
        {
            _signs = signs;
            _hasAsked = false;
        }
        else if (conversation.IsQuiet)
        {
            return time.GetElapsedTime(_quietSince);
        }

        _quietSince = time.GetTimestamp();
        return TimeSpan.Zero;
    }

    private static int RoundSeconds(TimeSpan left) => (int)Math.Round(left.TotalSeconds / 10) * 10;
}
