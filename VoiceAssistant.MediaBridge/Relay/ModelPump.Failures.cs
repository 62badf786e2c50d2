using System.Text;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What is done about answers that do not come.</summary>
internal sealed partial class ModelPump
{
    // Longer than a caller waits for an answer.
    private static readonly TimeSpan LongestReset = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ErrorWindow = TimeSpan.FromSeconds(30);

    private readonly ResponseFailures _failures = new();
    private readonly Malformed _errors = new(time, ErrorWindow);
    private TimeSpan _limitReset;
    private Task _retrying = Task.CompletedTask;
    private volatile string? _abortReason;

    // When the model last began with an answer, or the caller got more of it.
    private long _heardAt = time.GetTimestamp();

    /// <summary>Gives up a model that keeps its connection and does nothing for it.</summary>
    /// <param name="waited">For how long the caller has waited for it.</param>
    public void AbortIfStuck(TimeSpan waited)
    {
        var silent = time.GetElapsedTime(Volatile.Read(ref _lastEventAt));
        _abortReason ??= model.Stalled > Patience.Sending ? "it takes no audio any more"
            : !Configured.IsCompleted && model.Age > Patience.Configuring && silent > Patience.Configuring ? "it does not take the session's settings"
            : !IsRetired && (floor.IsModelDue || waited > Patience.Responding) && silent > Patience.Responding ? "it fell silent while it was to answer"
            : !IsRetired && floor.IsModelDue && time.GetElapsedTime(Volatile.Read(ref _heardAt)) > Patience.Endless ? "its answer does not end"
            : null;

        if (_abortReason is not null)
        {
            model.Abort();
        }
    }

    private async Task ResponseDoneAsync(RealtimeResponse? response, CancellationToken cancellationToken)
    {
        var spoke = playback.ResponseEnded(Encoding.UTF8.GetBytes(response?.Id ?? ""));
        var hasFailed = response?.Status is "failed" || (response?.Status is "incomplete" && !spoke);
        // One that was cancelled gave way to the caller, whose turn it has been since.
        floor.ResponseEnded(isAnswer: !hasFailed && response?.Status is not "cancelled");
        if (!hasFailed)
        {
            _failures.Reset();
            return;
        }

        // Otherwise the caller would wait in silence for an answer that does not come.
        var code = response!.ErrorCode;
        var answer = RealtimeError.IsFatal(code) ? ResponseFailures.Answer.GiveUp : _failures.Next();
        Log.ResponseFailed(logger, caller.CallSid, code ?? response.Status, answer);
        switch (answer)
        {
            case ResponseFailures.Answer.Retry:
                floor.AnswerPutOff();
                await oneMoment.TrySayAsync(cancellationToken);
                turns.ResponseAsked();
                _retrying = RetryAsync(RealtimeError.IsRateLimit(code) ? _limitReset : TimeSpan.Zero, cancellationToken);
                break;
            case ResponseFailures.Answer.AskAgain:
                turns.ClipPlayed(Clips.SayThatAgain);
                await Clips.SayThatAgain.PlayAsync(caller, playback, cancellationToken);
                break;
            default:
                throw new RealtimeException($"it does not answer any more ({code ?? response.Status})")
                {
                    ErrorType = RealtimeError.TypeOf(code ?? response.Status),
                    IsPermanent = true,
                };
        }
    }

    /// <summary>Asks once more for what the caller is owed, unless something else has happened by then.</summary>
    private async Task RetryAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(pause < LongestReset ? pause : LongestReset, time, _ended.Token);
            if (!floor.IsModelDue && !floor.CallerSpeaks)
            {
                await AskAsync(cancellationToken);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException || RealtimeSession.IsGone(exception, cancellationToken))
        {
            // The session has ended, as whoever reads from it knows.
        }
    }

    // At once, and not on another thread: all that it ends is a wait.
    private void EndRetry() => _ended.Cancel();

    /// <summary>Asks the model to say what the caller is owed.</summary>
    public Task AskAsync(CancellationToken cancellationToken)
    {
        // Before, nothing was expected of it.
        var now = time.GetTimestamp();
        Volatile.Write(ref _lastEventAt, now);
        Volatile.Write(ref _heardAt, now);
        floor.ResponseRequested();
        return model.CreateResponseAsync(floor.Open is OpenTurn.Greeting ? Prompts.Greet(greeting) : null, cancellationToken);
    }

    private async Task ErrorReceivedAsync(RealtimeError? error, CancellationToken cancellationToken)
    {
        var code = error?.Code ?? error?.Type;
        if (error?.EventId is SessionUpdate.EventId)
        {
            throw model.Refused();
        }

        if (RealtimeError.IsFatal(error?.Code) || error?.Code is "session_expired")
        {
            throw new RealtimeException($"it ended the session ({error!.Code})")
            {
                ErrorType = RealtimeError.TypeOf(error.Code),
                IsPermanent = error.Code is not "session_expired",
            };
        }

        Log.ModelError(logger, caller.CallSid, code, error?.Param);
        if (error?.EventId is RealtimeSession.ResponseEventId)
        {
            floor.RequestRefused();
        }

        if (RealtimeError.IsRateLimit(code) && floor.Open is not OpenTurn.None && _retrying.IsCompleted)
        {
            floor.AnswerPutOff();
            await oneMoment.TrySayAsync(cancellationToken);
            turns.ResponseAsked();
            _retrying = RetryAsync(_limitReset, cancellationToken);
        }
        else if (!RealtimeError.IsBenign(code) && error?.EventId is not RealtimeCommands.TruncateEventId && _errors.Add())
        {
            throw new RealtimeException($"it reports error after error ({code})") { ErrorType = RealtimeError.TypeOf(code) };
        }
    }
}
