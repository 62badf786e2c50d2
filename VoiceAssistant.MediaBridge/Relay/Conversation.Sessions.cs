using System.Text;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>One session after the other.</summary>
internal sealed partial class Conversation
{
    // More sessions lost in a row than this, and the next would be, too.
    private const int MostLosses = 5;

    // A session that held for so long was a good one.
    private static readonly TimeSpan Proven = TimeSpan.FromMinutes(1);

    // In which the model hears that the caller is still speaking.
    private static readonly TimeSpan VoiceDetection = TimeSpan.FromSeconds(1);

    private int _losses;

    private async Task ConverseAsync(CancellationToken ending, CancellationToken cancellationToken)
    {
        try
        {
            await BeginAsync(ending, cancellationToken);
            while (true)
            {
                var lost = await HoldAsync(ending, cancellationToken);
                if (_isEnding)
                {
                    return;
                }

                await RecoverAsync(lost, ending, cancellationToken);
            }
        }
        finally
        {
            await LeaveAsync();
            await _leaving;
        }
    }

    private async Task BeginAsync(CancellationToken ending, CancellationToken cancellationToken)
    {
        // Whoever is in the middle of a conversation is not told to call again, here as little as where it began.
        var retries = _isResumed
            ? new Retries(Patience.Recovering, patience: Patience.Recovering, failuresBefore: 0, _time)
            : new Retries(Patience.Starting, patience: Patience.Busy, failuresBefore: 0, _time);
        await BridgingAsync(
            opening => OpenAsync(retries, pump => EnterAsync(pump, _floor.Open is not OpenTurn.None, cancellationToken), opening, cancellationToken),
            _isResumed ? Patience.QuietGap : Patience.QuietStart, ending);
        _isOpening = false;
    }

    /// <summary>Lets another session go on where one was lost.</summary>
    private async Task RecoverAsync(RealtimeException lost, CancellationToken ending, CancellationToken cancellationToken)
    {
        var since = _time.GetTimestamp();
        _losses = _current!.Session.Age > Proven ? 1 : _losses + 1;
        var callerSpoke = _floor.CallerSpeaks;
        _isOpening = true;
        _floor.SessionEnded(OpenNow());
        _trace.Turns.SessionEnded(lost.ErrorType);
        await LeaveAsync();
        if (lost.IsPermanent || _losses > MostLosses)
        {
            throw lost;
        }

        Log.SessionLost(_logger, _caller.CallSid, lost.Message.TrimEnd('.'));
        var retries = new Retries(Patience.Recovering, patience: Patience.Recovering, _losses - 1, _time);
        var (pump, saidOneMoment) = await BridgingAsync(opening => OpenAsync(retries, null, opening, cancellationToken), Patience.QuietGap, ending);

        // Whoever still speaks is not talked over; whoever was told to wait is told that it is over.
        await EnterAsync(pump, asks: !callerSpoke && (saidOneMoment || _floor.Open is not OpenTurn.None), cancellationToken);
        _trace.ModelReplaced(lost);
        Log.SessionRestored(_logger, _caller.CallSid, (long)_time.GetElapsedTime(since).TotalMilliseconds);
        if (callerSpoke)
        {
            await Task.WhenAny(pump.Ended, Task.Delay(VoiceDetection, _time, ending));
            if (!pump.Ended.IsCompleted && !_floor.CallerSpeaks && _floor.Open is OpenTurn.Question)
            {
                await TellAsync(pump, Prompts.GoOn(OpenTurn.Question), cancellationToken);
            }
        }

        _isOpening = false;
    }

    /// <summary>Opens a session, and says so when that takes its time, again and again.</summary>
    private async Task<(ModelPump Pump, bool SaidOneMoment)> BridgingAsync(
        Func<CancellationToken, Task<ModelPump>> open, TimeSpan quiet, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Silence begins before the opening does: that may get far on this thread.
        var patience = Task.Delay(_oneMoment.After(quiet), _time, either.Token);
        var opening = open(either.Token);
        var saidOneMoment = false;
        try
        {
            while (true)
            {
                await Task.WhenAny(opening, patience);
                // Words that are still to be heard are no silence.
                await Task.WhenAny(opening, _playback.DrainedAsync()).WaitAsync(either.Token);
                if (opening.IsCompleted)
                {
                    break;
                }

                patience = Task.Delay(Patience.AnotherMoment, _time, either.Token);
                await _oneMoment.SayAsync(either.Token);
                saidOneMoment = true;
            }

            return (await opening, saidOneMoment);
        }
        catch
        {
            // Whatever comes of it now, nobody is left to talk with it.
            await either.CancelAsync();
            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (opening.IsCompletedSuccessfully && await opening is var pump && pump != _current)
            {
                await pump.DisposeAsync();
            }

            throw;
        }
    }

    /// <param name="retries">How often.</param>
    /// <param name="enter">What to tell the session before it has taken its settings, so that it answers a round trip sooner.</param>
    /// <param name="opening">Cancelled when the session is not needed any more.</param>
    /// <param name="cancellationToken">Cancelled at the very end of the call.</param>
    /// <returns>A session that has taken its settings, and is being read from.</returns>
    private async Task<ModelPump> OpenAsync(Retries retries, Func<ModelPump, Task>? enter, CancellationToken opening, CancellationToken cancellationToken)
    {
        while (true)
        {
            ModelPump? pump = null;
            try
            {
                pump = await ConnectAsync(retries.Left, opening, cancellationToken);
                if (enter is not null)
                {
                    await enter(pump);
                }

                await ConfiguredAsync(pump, retries.Left, opening);
                return pump;
            }
            catch (RealtimeException failure)
            {
                await DropAsync(pump);
                if (!await retries.PauseAsync(failure, opening))
                {
                    throw;
                }
            }
            catch
            {
                await DropAsync(pump);
                throw;
            }
        }
    }

    private async Task<ModelPump> ConnectAsync(TimeSpan left, CancellationToken opening, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(left, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, opening);
        try
        {
            var session = await _sessions.ConnectAsync(insist: _isResumed || _losses > 0, either.Token);
            var pump = new ModelPump(session, _caller, _playback, _oneMoment, _trace.Turns, _transcript, _floor, _options.Greeting, _time, _logger);
            pump.Start(cancellationToken);
            return pump;
        }
        catch (OperationCanceledException exception) when (!opening.IsCancellationRequested)
        {
            throw new RealtimeException("it did not answer in time", exception) { ErrorType = "timeout" };
        }
    }

    private async Task ConfiguredAsync(ModelPump pump, TimeSpan left, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(pump.Configured, pump.Ended, Task.Delay(left < Patience.Configuring ? left : Patience.Configuring, _time, either.Token));
        await either.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        if (!pump.Configured.IsCompleted)
        {
            throw pump.Ended.IsCompleted ? await pump.Ended : new RealtimeException(pump.NotConfigured) { ErrorType = "not_configured" };
        }
    }

    /// <summary>From now on this session hears the caller. It is told what was said before, and asked to speak where that is due.</summary>
    private async Task EnterAsync(ModelPump pump, bool asks, CancellationToken cancellationToken)
    {
        await _entering.WaitAsync(cancellationToken);
        try
        {
            // Sent is as good as heard: nobody takes it back but a session that hears the caller interrupt.
            var turns = _transcript.Turns(itemId => _playback.WasSent(Encoding.UTF8.GetBytes(itemId)) ? 1 : 0);
            _playback.SessionStarted();
            Volatile.Write(ref _current, pump);
            foreach (var turn in turns)
            {
                await pump.Session.AddMessageAsync(RoleOf(turn.Speaker), turn.Text, cancellationToken);
            }

            if (asks)
            {
                await TellAsync(pump, turns.Count == 0 ? null : Prompts.GoOn(_floor.Open), cancellationToken);
            }

            await _audio.ConnectAsync(pump.Session, cancellationToken);
        }
        catch (Exception exception) when (RealtimeSession.IsGone(exception, cancellationToken))
        {
            // Whoever reads from it learns it from the abort, if not before.
            pump.Session.Abort();
        }
        finally
        {
            _entering.Release();
        }
    }

    private async Task TellAsync(ModelPump pump, string? prompt, CancellationToken cancellationToken)
    {
        if (prompt is not null)
        {
            await pump.Session.AddMessageAsync("system", prompt, cancellationToken);
        }

        if (_floor.Open is OpenTurn.Greeting)
        {
            _trace.Turns.GreetingAsked();
        }
        else
        {
            _trace.Turns.ResponseAsked();
        }

        await pump.AskAsync(cancellationToken);
    }

    /// <summary>What the caller says is kept for the next session.</summary>
    private async Task LeaveAsync()
    {
        if (Interlocked.Exchange(ref _current, null) is { } pump)
        {
            await DropAsync(pump);
        }
    }

    private async Task DropAsync(ModelPump? pump)
    {
        if (pump is not null)
        {
            Interlocked.CompareExchange(ref _current, null, pump);
            if (_isEnding)
            {
                // It has been told, and answers.
                await Task.WhenAny(pump.Ended, Task.Delay(LeaveGrace, _time));
            }

            pump.Session.Abort();
            await _audio.DisconnectAsync(pump.Session);
            _deltasBefore += pump.Deltas;
            await pump.DisposeAsync();
        }
    }

    private OpenTurn OpenNow() => _floor.Open is OpenTurn.Answer && _transcript.LacksLastWords ? OpenTurn.Question : _floor.Open;

    private static string RoleOf(Speaker speaker) => speaker switch
    {
        Speaker.Caller => "user",
        Speaker.Assistant => "assistant",
        _ => "system",
    };
}
