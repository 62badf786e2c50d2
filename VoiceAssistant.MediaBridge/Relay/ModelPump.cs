using System.Text;
using System.Text.Json;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>Everything that comes from the model, to where it belongs.</summary>
internal sealed partial class ModelPump(TwilioStream caller, Playback playback, TurnTrace turns, string greeting, TimeProvider time, ILogger logger)
{
    private readonly ResponseFailures _failures = new();
    private readonly Malformed _malformed = new(time);
    private bool _configured;
    private bool _greeted = greeting is "";

    /// <summary>Pieces of audio that were passed on to the caller.</summary>
    public long Deltas { get; private set; }

    /// <summary>Lets the model speak first, where it should.</summary>
    public Task GreetAsync(RealtimeSession model, CancellationToken cancellationToken)
    {
        if (_greeted)
        {
            return Task.CompletedTask;
        }

        turns.GreetingAsked();
        return model.CreateResponseAsync(GreetingInstructions(), cancellationToken);
    }

    /// <summary>Completes when the model has closed its side.</summary>
    /// <exception cref="RealtimeException">There is no point in going on with this session.</exception>
    /// <inheritdoc cref="MessageReader.ReadAsync" path="/exception"/>
    public async Task RunAsync(RealtimeSession model, CancellationToken cancellationToken)
    {
        while (await model.ReadAsync(cancellationToken))
        {
            await HandleAsync(model, cancellationToken);
        }
    }

    private ValueTask HandleAsync(RealtimeSession model, CancellationToken cancellationToken)
    {
        try
        {
            var @event = RealtimeEvent.Read(model.Message);
            switch (@event.Type)
            {
                case RealtimeEventType.AudioDelta:
                    return PlayDeltaAsync(model, @event, cancellationToken);
                case RealtimeEventType.SpeechStarted:
                    return new ValueTask(InterruptAsync(model, cancellationToken));
                case RealtimeEventType.SpeechStopped:
                    turns.SpeechStopped();
                    break;
                case RealtimeEventType.ResponseCreated:
                    var id = RealtimeResponse.Read(model.Message.Span)?.Id;
                    playback.ResponseStarted(Encoding.UTF8.GetBytes(id ?? ""));
                    turns.ResponseCreated(id);
                    break;
                case RealtimeEventType.ResponseDone:
                    var response = RealtimeResponse.Read(model.Message.Span);
                    turns.ResponseDone(response, model.Message.Span);
                    return new ValueTask(ResponseDoneAsync(model, response, cancellationToken));
                case RealtimeEventType.SessionUpdated:
                    _configured = true;
                    break;
                case RealtimeEventType.Error:
                    ErrorReceived(RealtimeError.Read(model.Message.Span));
                    break;
            }

            return ValueTask.CompletedTask;
        }
        catch (JsonException)
        {
            return Tolerate();
        }
    }

    private ValueTask PlayDeltaAsync(RealtimeSession model, in RealtimeEvent delta, CancellationToken cancellationToken)
    {
        if (!_configured)
        {
            throw new RealtimeException("it speaks without having taken the session's settings, so in no format that the caller could hear") { ErrorType = "not_configured" };
        }

        if (!AudioBase64.IsValid(delta.Delta.Span, out var bytes))
        {
            return Tolerate();
        }

        if (bytes > 0 && playback.TryAdd(delta.ResponseId.Span, delta.ItemId.Span, bytes, out var mark))
        {
            Deltas++;
            turns.AudioSent(bytes);
            return caller.PlayAsync(delta.Delta, mark, cancellationToken);
        }

        // Too late for the caller, so the model must not believe that it was heard.
        return playback.IsFirstLateAudioOf(delta.ItemId.Span)
            ? new ValueTask(model.TruncateAsync(delta.ItemId, 0, cancellationToken))
            : ValueTask.CompletedTask;
    }

    private async Task InterruptAsync(RealtimeSession model, CancellationToken cancellationToken)
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
            await model.TruncateAsync(item.ItemId, item.Milliseconds, cancellationToken);
        }

        Log.Interrupted(logger, caller.CallSid);
    }

    private async Task ResponseDoneAsync(RealtimeSession model, RealtimeResponse? response, CancellationToken cancellationToken)
    {
        var spoke = playback.ResponseEnded(Encoding.UTF8.GetBytes(response?.Id ?? ""));

        if (response?.Status is not "failed" && (response?.Status is not "incomplete" || spoke))
        {
            _failures.Reset();
            // Also where the caller interrupted it: they know where they are.
            _greeted = true;
            return;
        }

        // Otherwise the caller would wait in silence for an answer that does not come.
        var code = response.ErrorCode;
        var answer = RealtimeError.IsFatal(code) ? ResponseFailures.Answer.GiveUp : _failures.Next();
        Log.ResponseFailed(logger, caller.CallSid, code ?? response.Status, answer);
        switch (answer)
        {
            case ResponseFailures.Answer.Retry:
                turns.ClipPlayed(Clips.OneMoment);
                await Clips.OneMoment.PlayAsync(caller, playback, cancellationToken);
                turns.ResponseAsked();
                await model.CreateResponseAsync(_greeted ? null : GreetingInstructions(), cancellationToken);
                break;
            case ResponseFailures.Answer.AskAgain:
                turns.ClipPlayed(Clips.SayThatAgain);
                await Clips.SayThatAgain.PlayAsync(caller, playback, cancellationToken);
                break;
            default:
                throw new RealtimeException($"it does not answer any more ({code ?? response.Status})") { ErrorType = RealtimeError.TypeOf(code ?? response.Status) };
        }
    }

    private void ErrorReceived(RealtimeError? error)
    {
        if (error?.EventId is SessionUpdate.EventId)
        {
            throw new RealtimeException(
                $"it refuses the session's settings ({error.Code}, {error.Param}): look at VOICE, REALTIME_MODEL, TURN_DETECTION and REALTIME_SESSION")
            {
                ErrorType = "session_refused",
            };
        }

        if (RealtimeError.IsFatal(error?.Code))
        {
            throw new RealtimeException($"it ended the session ({error!.Code})") { ErrorType = RealtimeError.TypeOf(error.Code) };
        }

        Log.ModelError(logger, caller.CallSid, error?.Code ?? error?.Type, error?.Param);
    }

    private ValueTask Tolerate() =>
        _malformed.Add() ? throw new RealtimeException("too many of its events cannot be read") { ErrorType = "malformed_events" } : ValueTask.CompletedTask;

    private string GreetingInstructions() => $"Greet the caller. Say exactly this and nothing else: {greeting}";
}
