using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>Everything that comes from one session of the model's, to where it belongs.</summary>
internal sealed partial class ModelPump(
    RealtimeSession model, TwilioStream caller, Playback playback, OneMoment oneMoment, TurnTrace turns, Transcript transcript, Floor floor, string greeting,
    TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    private readonly Malformed _malformed = new(time);
    private readonly CancellationTokenSource _ended = new();
    private volatile bool _isRetired;

    public RealtimeSession Session => model;

    /// <summary>Pieces of audio that were passed on to the caller.</summary>
    public long Deltas { get; private set; }

    /// <summary>Completes when the session has taken its settings.</summary>
    public Task Configured => model.Configured;

    /// <summary>Completes when the session is lost, with how; fails when the caller is.</summary>
    public Task<RealtimeException> Ended { get; private set; } = Task.FromResult(new RealtimeException("it was not read"));

    public void Start(CancellationToken cancellationToken) => Ended = RunAsync(cancellationToken);

    /// <summary>Whether what this session still says is not heard any more, as another has taken over or the call is over.</summary>
    public bool IsRetired => _isRetired;

    public void Retire() => _isRetired = true;

    public async ValueTask DisposeAsync()
    {
        model.Abort();
        await ((Task)Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await model.DisposeAsync();
        _ended.Dispose();
    }

    private async Task<RealtimeException> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await model.ReadAsync(cancellationToken))
            {
                await HandleAsync(cancellationToken);
            }

            return Closed();
        }
        catch (RealtimeException exception)
        {
            return exception;
        }
        catch (PeerViolationException exception)
        {
            return new RealtimeException(exception.Message.TrimEnd('.'), exception) { ErrorType = "malformed_events" };
        }
        catch (Exception exception) when (caller.CanSend && RealtimeSession.IsGone(exception, cancellationToken))
        {
            return new RealtimeException(_abortReason ?? (exception is WebSocketException ? "its connection broke" : "it does not answer pings any more"), exception)
            {
                ErrorType = _abortReason is null && exception is WebSocketException ? "connection_lost" : "stalled",
            };
        }
        finally
        {
            EndRetry();
            await _retrying;
        }
    }

    // Those of a policy would be met again: PROTOCOL D.6.
    private RealtimeException Closed() => new($"it closed the connection ({(int?)model.CloseStatus})")
    {
        ErrorType = "closed",
        IsPermanent = model.CloseStatus is WebSocketCloseStatus.PolicyViolation or >= (WebSocketCloseStatus)4000,
    };

    private ValueTask HandleAsync(CancellationToken cancellationToken)
    {
        try
        {
            var @event = RealtimeEvent.Read(model.Message);
            NoteSignOfLife(@event);
            if (IsRetired && @event.Type is not (RealtimeEventType.Transcribed or RealtimeEventType.TranscriptionFailed))
            {
                return ValueTask.CompletedTask;
            }

            switch (@event.Type)
            {
                case RealtimeEventType.AudioDelta:
                    return PlayDeltaAsync(@event, cancellationToken);
                case RealtimeEventType.TranscriptDelta:
                    transcript.AssistantSays(Text(@event.ItemId), Text(@event.Delta));
                    break;
                case RealtimeEventType.TranscriptDone:
                    floor.AnswerSaid();
                    transcript.AssistantSaid(Text(@event.ItemId), Text(@event.Transcript));
                    break;
                case RealtimeEventType.SpeechStarted:
                    floor.CallerStarted();
                    _failures.CallerSpoke();
                    return new ValueTask(InterruptAsync(cancellationToken));
                case RealtimeEventType.SpeechStopped:
                    floor.CallerStopped();
                    _unknown.Clear();
                    turns.SpeechStopped();
                    break;
                case RealtimeEventType.Committed:
                    var spoken = Text(@event.ItemId);
                    transcript.CallerSpoke(spoken);
                    turns.CallerSpoke(spoken);
                    break;
                case RealtimeEventType.Transcribed or RealtimeEventType.TranscriptionFailed:
                    var (written, words) = (Text(@event.ItemId), Text(@event.Transcript));
                    transcript.CallerSaid(written, words);
                    turns.CallerSaid(written, words);
                    break;
                case RealtimeEventType.ResponseCreated:
                    var id = RealtimeResponse.Read(model.Message.Span)?.Id;
                    floor.ResponseStarted();
                    _activeId = id;
                    _unknown.Clear();
                    Volatile.Write(ref _heardAt, time.GetTimestamp());
                    playback.ResponseStarted(Encoding.UTF8.GetBytes(id ?? ""));
                    turns.ResponseCreated(id, model.Model);
                    break;
                case RealtimeEventType.ResponseDone:
                    var response = RealtimeResponse.Read(model.Message.Span);
                    var report = ResponseReport.TryRead(model.Message.Span);
                    turns.ResponseDone(response, report, model.Message.Span);
                    if (report?.Usage is { } usage)
                    {
                        caller.Cost.Add(model.Prices.Cost(usage));
                    }

                    return new ValueTask(ResponseDoneAsync(response, report, cancellationToken));
                case RealtimeEventType.RateLimits:
                    _limitReset = RealtimeRateLimit.ReadReset(model.Message.Span);
                    break;
                case RealtimeEventType.SessionCreated:
                    model.Created(RealtimeSessionInfo.Read(model.Message.Span));
                    break;
                case RealtimeEventType.SessionUpdated:
                    model.Updated();
                    break;
                case RealtimeEventType.Error:
                    return new ValueTask(ErrorReceivedAsync(RealtimeError.Read(model.Message.Span), cancellationToken));
            }

            return ValueTask.CompletedTask;
        }
        catch (JsonException)
        {
            return _malformed.Add() ? throw new RealtimeException("too many of its events cannot be read") { ErrorType = "malformed_events" } : ValueTask.CompletedTask;
        }
    }

    private ValueTask PlayDeltaAsync(in RealtimeEvent delta, CancellationToken cancellationToken)
    {
        if (!Configured.IsCompleted)
        {
            throw new RealtimeException("it speaks without having taken the session's settings, so in no format that the caller could hear")
            {
                ErrorType = "not_configured",
                IsPermanent = true,
            };
        }

        if (!AudioBase64.IsValid(delta.Delta.Span, out var bytes))
        {
            throw new JsonException("Expected base64.");
        }

        if (bytes == 0)
        {
            return ValueTask.CompletedTask;
        }

        if (playback.TryAdd(delta.ResponseId.Span, delta.ItemId.Span, bytes, out var mark))
        {
            Deltas++;
            floor.ModelSpoke();
            Volatile.Write(ref _heardAt, time.GetTimestamp());
            turns.AudioSent(bytes);
            return caller.PlayAsync(delta.Delta, mark, cancellationToken);
        }

        // The caller will not hear it, so the model must not believe that they have.
        return playback.IsFirstLateAudioOf(delta.ItemId.Span, out var milliseconds)
            ? new ValueTask(TakeBackAsync(delta.ItemId, milliseconds, cancellationToken))
            : ValueTask.CompletedTask;
    }

    private async Task TakeBackAsync(ReadOnlyMemory<byte> itemId, long milliseconds, CancellationToken cancellationToken)
    {
        if (milliseconds > 0)
        {
            Log.Endless(logger, caller.CallSid);
            floor.AnswerSaid();
            await model.CancelResponseAsync(cancellationToken);
        }

        await model.TruncateAsync(itemId, milliseconds, cancellationToken);
    }

    private async Task InterruptAsync(CancellationToken cancellationToken)
    {
        var interruption = playback.Interrupt();
        turns.SpeechStarted(interruption);
        if (interruption is null)
        {
            return;
        }

        // First what the caller hears, then what the model believes.
        if (interruption.MustClear)
        {
            await caller.ClearAsync(cancellationToken);
        }

        foreach (var item in interruption.Items)
        {
            transcript.AssistantWasHeard(Encoding.UTF8.GetString(item.ItemId), item.Share);
            if (item.IsOfThisSession)
            {
                await model.TruncateAsync(item.ItemId, item.Milliseconds, cancellationToken);
            }
        }

        Log.Interrupted(logger, caller.CallSid);
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
