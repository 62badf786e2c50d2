using System.Buffers.Text;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>The model's part of a call: found, greeted with, listened to, interrupted, and apologised for when it is lost.</summary>
internal sealed partial class Conversation(
    TwilioStream caller, CallerAudio audio, Playback playback, RealtimeConnector connector, string greeting, TimeProvider time, ILogger logger)
    : IDisposable
{
    // Silence after the call was answered; longer, and a caller says hello again.
    private static readonly TimeSpan QuietConnect = TimeSpan.FromMilliseconds(1500);

    // Beyond the clip's own length: the way to Twilio and back.
    private static readonly TimeSpan MarkReturn = TimeSpan.FromSeconds(2);

    // The model takes a frame in microseconds; the caller's own side is given up after 5 s without reading.
    private static readonly TimeSpan ModelStalled = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _ending = new();
    private readonly ResponseFailures _failures = new();
    private readonly Malformed _malformed = new(time);
    private RealtimeSession? _model;
    private bool _configured;
    private bool _greeted = greeting is "";

    public long Deltas { get; private set; }

    public async Task<CallEnd> RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, cancellationToken);
        try
        {
            try
            {
                await using var model = await ConnectAsync(ending.Token);
                await HoldAsync(model, cancellationToken);
            }
            catch (Exception exception) when (exception is RealtimeException or PeerViolationException
                || (exception is WebSocketException && caller.CanSend))
            {
                Log.ModelLost(logger, caller.CallSid, exception.Message, exception.InnerException);
            }

            if (_ending.IsCancellationRequested)
            {
                return CallEnd.CallerLeft;
            }

            await SayGoodbyeAsync(ending.Token);
            return CallEnd.ModelLost;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            return CallEnd.CallerLost;
        }
    }

    /// <summary>The call is over: says so to the model and stops waiting for it.</summary>
    public async Task EndAsync(TimeSpan grace)
    {
        await _ending.CancelAsync();
        if (Volatile.Read(ref _model) is { } model)
        {
            await model.CloseOutputAsync(grace);
        }
    }

    public async Task KeyPressedAsync(char key, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _model) is not { } model || !(char.IsAsciiLetterOrDigit(key) || key is '*' or '#'))
        {
            return;
        }

        try
        {
            await model.AddSystemMessageAsync($"The caller pressed {key} on the keypad.", cancellationToken);
        }
        catch (Exception exception) when (RealtimeSession.IsGone(exception, cancellationToken))
        {
            // Whoever reads from the model notices too.
        }
    }

    /// <summary>Gives up a model that takes nothing any more, before the caller's audio piles up behind it.</summary>
    public void AbortStalledModel()
    {
        if (Volatile.Read(ref _model) is { } model && model.Stalled > ModelStalled)
        {
            model.Abort();
        }
    }

    public void Dispose() => _ending.Dispose();

    private async Task<RealtimeSession> ConnectAsync(CancellationToken cancellationToken)
    {
        var connecting = connector.ConnectAsync(cancellationToken);
        try
        {
            if (await Task.WhenAny(connecting, Task.Delay(QuietConnect, time, cancellationToken)) != connecting)
            {
                await PlayAsync(Clips.OneMoment, cancellationToken);
            }
        }
        catch
        {
            // Whatever comes of it now, nobody is left to talk with it.
            _ = connecting.ContinueWith(
                static connected => connected.Result.DisposeAsync().AsTask(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }

        return await connecting;
    }

    private async Task HoldAsync(RealtimeSession model, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _model, model);
        try
        {
            if (!_greeted)
            {
                await model.CreateResponseAsync(GreetingInstructions(), cancellationToken);
            }

            await audio.ConnectAsync(model, cancellationToken);

            while (await model.ReadAsync(cancellationToken))
            {
                await HandleAsync(model, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RealtimeException("it does not answer pings, or takes no audio, any more");
        }
        finally
        {
            Volatile.Write(ref _model, null);
            audio.Disconnect();
        }

        if (!_ending.IsCancellationRequested)
        {
            throw new RealtimeException("it closed the connection");
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
                case RealtimeEventType.ResponseCreated:
                    playback.ResponseStarted(Encoding.UTF8.GetBytes(RealtimeResponse.Read(model.Message.Span)?.Id ?? ""));
                    break;
                case RealtimeEventType.ResponseDone:
                    return new ValueTask(ResponseDoneAsync(model, RealtimeResponse.Read(model.Message.Span), cancellationToken));
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
            throw new RealtimeException("it speaks without having taken the session's settings, so in no format that the caller could hear");
        }

        if (!Base64.IsValid(delta.Delta.Span, out var bytes))
        {
            return Tolerate();
        }

        if (bytes > 0 && playback.TryAdd(delta.ResponseId.Span, delta.ItemId.Span, bytes, out var mark))
        {
            Deltas++;
            return caller.PlayAsync(delta.Delta, mark, cancellationToken);
        }

        // Too late for the caller, so the model must not believe that it was heard.
        return playback.IsFirstLateAudioOf(delta.ItemId.Span)
            ? new ValueTask(model.TruncateAsync(delta.ItemId, 0, cancellationToken))
            : ValueTask.CompletedTask;
    }

    private async Task InterruptAsync(RealtimeSession model, CancellationToken cancellationToken)
    {
        if (playback.Interrupt() is not { } interruption)
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
            _greeted |= spoke;
            return;
        }

        // Otherwise the caller would wait in silence for an answer that does not come.
        var code = response.ErrorCode;
        var answer = RealtimeError.IsFatal(code) ? ResponseFailures.Answer.GiveUp : _failures.Next();
        Log.ResponseFailed(logger, caller.CallSid, code ?? response.Status, answer);
        switch (answer)
        {
            case ResponseFailures.Answer.Retry:
                await PlayAsync(Clips.OneMoment, cancellationToken);
                await model.CreateResponseAsync(_greeted ? null : GreetingInstructions(), cancellationToken);
                break;
            case ResponseFailures.Answer.AskAgain:
                await PlayAsync(Clips.SayThatAgain, cancellationToken);
                break;
            default:
                throw new RealtimeException($"it does not answer any more ({code ?? response.Status})");
        }
    }

    private void ErrorReceived(RealtimeError? error)
    {
        if (error?.EventId is SessionUpdate.EventId)
        {
            throw new RealtimeException(
                $"it refuses the session's settings ({error.Code}, {error.Param}): look at VOICE, REALTIME_MODEL, TURN_DETECTION and REALTIME_SESSION");
        }

        if (RealtimeError.IsFatal(error?.Code))
        {
            throw new RealtimeException($"it ended the session ({error!.Code})");
        }

        Log.ModelError(logger, caller.CallSid, error?.Code ?? error?.Type, error?.Param);
    }

    private async Task SayGoodbyeAsync(CancellationToken cancellationToken)
    {
        await PlayAsync(Clips.SorryGoodbye, cancellationToken);

        // The stream's end would cut the words off.
        try
        {
            await playback.DrainedAsync().WaitAsync(playback.Remaining + MarkReturn, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Twilio did not say that they were heard; waiting longer would not help.
        }
    }

    private ValueTask PlayAsync(Clip clip, CancellationToken cancellationToken) =>
        playback.TryAdd(default, default, clip.Bytes, out var mark)
            ? caller.PlayAsync(clip.Base64, mark, cancellationToken)
            : throw new System.Diagnostics.UnreachableException();

    private ValueTask Tolerate() =>
        _malformed.Add() ? throw new RealtimeException("too many of its events cannot be read") : ValueTask.CompletedTask;

    private string GreetingInstructions() =>
        $"Greet the caller. Say exactly this and nothing else: {greeting}";
}
