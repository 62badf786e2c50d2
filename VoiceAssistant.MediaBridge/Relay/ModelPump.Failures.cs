using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What is done about a model that does not do what it is to.</summary>
internal sealed partial class ModelPump
{
    // Longer than a caller waits for an answer.
    private static readonly TimeSpan LongestReset = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ErrorWindow = TimeSpan.FromSeconds(30);

    private readonly Malformed _errors = new(time, ErrorWindow);
    private readonly UnknownEvents _unknown = new();

    // Only those count that we know: the others may be about anything.
    private long _lastEventAt = time.GetTimestamp();
    private TimeSpan _limitReset;
    private Task _retrying = Task.CompletedTask;
    private volatile string? _abortReason;

    // When the model last began with an answer, or the caller got more of it.
    private long _heardAt = time.GetTimestamp();

    /// <summary>How a session is lost that has not taken its settings in time.</summary>
    public string NotConfigured => $"it does not take the session's settings{_unknown}";

    /// <summary>Gives up a model that keeps its connection and does nothing for it.</summary>
    /// <param name="waited">For how long the caller has waited for it.</param>
    public void AbortIfStuck(TimeSpan waited)
    {
        var silent = time.GetElapsedTime(Volatile.Read(ref _lastEventAt));
        _abortReason ??= model.Stalled > Patience.Sending ? "it takes no audio any more"
            : !Configured.IsCompleted && model.Age > Patience.Configuring && silent > Patience.Configuring ? NotConfigured
            : !IsRetired && (floor.IsModelDue || waited > Patience.Responding) && silent > Patience.Responding ? $"it fell silent while it was to answer{_unknown}"
            : IsRetired || time.GetElapsedTime(Volatile.Read(ref _heardAt)) <= Patience.Endless ? null
            : floor.IsModelDue ? "its answer does not end"
            : waited > Patience.Endless ? $"it does not answer{_unknown}"
            : null;

        if (_abortReason is not null)
        {
            model.Abort();
        }
    }

    private void NoteSignOfLife(in RealtimeEvent @event)
    {
        if (@event.Type is RealtimeEventType.Unknown)
        {
            _unknown.Add(@event.TypeName.Span);
        }
        else
        {
            Volatile.Write(ref _lastEventAt, time.GetTimestamp());
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
    public Task AskAsync(CancellationToken cancellationToken) => AskAsync(insistsOnAudio: false, cancellationToken);

    private Task AskAsync(bool insistsOnAudio, CancellationToken cancellationToken)
    {
        // Before, nothing was expected of it.
        _unknown.Clear();
        var now = time.GetTimestamp();
        Volatile.Write(ref _lastEventAt, now);
        Volatile.Write(ref _heardAt, now);
        floor.ResponseRequested();
        return model.CreateResponseAsync(IsGreeting ? Prompts.Greet(greeting) : null, insistsOnAudio, cancellationToken);
    }

    private async Task ErrorReceivedAsync(RealtimeError? error, CancellationToken cancellationToken)
    {
        var code = error?.Code ?? error?.Type;
        if (model.IsRefusal(error))
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
            if (!RealtimeError.IsBenign(code) && !RealtimeError.IsRateLimit(code))
            {
                // There will be no response that could fail.
                await FailedAsync(code, cancellationToken);
                return;
            }
        }

        if (RealtimeError.IsRateLimit(code) && floor.Open is not OpenTurn.None && _retrying.IsCompleted)
        {
            await RetryLaterAsync(_limitReset, cancellationToken);
        }
        else if (!RealtimeError.IsBenign(code) && error?.EventId is not RealtimeCommands.TruncateEventId && _errors.Add())
        {
            throw new RealtimeException($"it reports error after error ({code})") { ErrorType = RealtimeError.TypeOf(code) };
        }
    }
}
