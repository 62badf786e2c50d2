using System.Net.WebSockets;
using System.Text;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>
/// The model's part of a call: found, greeted with, listened to, waited for, replaced unnoticed when its time is over or its connection breaks, and
/// apologised for when it is lost for good.
/// </summary>
internal sealed partial class Conversation : IDisposable
{
    // Beyond the clip's own length: the way to Twilio and back.
    private static readonly TimeSpan MarkReturn = TimeSpan.FromSeconds(2);

    private readonly TwilioStream _caller;
    private readonly CallerAudio _audio;
    private readonly Playback _playback;
    private readonly CallTrace _trace;
    private readonly RealtimeSessions _sessions;
    private readonly RealtimeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Transcript _transcript;
    private readonly Floor _floor;
    private readonly CancellationTokenSource _ending = new();
    private readonly bool _isResumed;

    // Held while a session takes over, so that what happens meanwhile is told to exactly one.
    private readonly SemaphoreSlim _entering = new(1, 1);
    private ModelPump? _current;
    private volatile bool _isEnding;
    private long _deltasBefore;

    /// <param name="caller">The stream.</param>
    /// <param name="audio">What the caller says.</param>
    /// <param name="playback">What they hear.</param>
    /// <param name="trace">Is told what an operator may ask for.</param>
    /// <param name="sessions">Where the model is to be had.</param>
    /// <param name="options">How it begins, and how long a session lasts.</param>
    /// <param name="resumed">What was said before, in another stream of this call; null where the call begins.</param>
    /// <param name="time">What is waited by.</param>
    /// <param name="logger">Is told what became of the sessions.</param>
    public Conversation(
        TwilioStream caller, CallerAudio audio, Playback playback, CallTrace trace, RealtimeSessions sessions, RealtimeOptions options,
        ConversationSnapshot? resumed, TimeProvider time, ILogger logger)
    {
        (_caller, _audio, _playback, _trace) = (caller, audio, playback, trace);
        (_sessions, _options, _time, _logger) = (sessions, options, time, logger);
        _transcript = new Transcript(time);
        _oneMoment = new OneMoment(caller, playback, trace.Turns, time);
        _isResumed = resumed is not null;
        _transcript.Restore(resumed?.Turns ?? []);
        _floor = new Floor(resumed?.Open ?? (options.Greeting is "" ? OpenTurn.None : OpenTurn.Greeting));
    }

    /// <summary>Raised when <see cref="Snapshot"/> has something new: a turn has ended, or its words have become known.</summary>
    public event Action? SnapshotChanged
    {
        add => _transcript.Changed += value;
        remove => _transcript.Changed -= value;
    }

    /// <summary>Whether nobody speaks, nor is about to, and all is known that was said.</summary>
    public bool IsBetweenTurns => _floor.IsFree && _playback.DrainedAsync().IsCompleted && !_transcript.AwaitsWords;

    /// <summary>Whether nobody is to be heard, neither here nor at the caller's end. What the assistant owes may still not have come.</summary>
    public bool IsQuiet => !_floor.CallerSpeaks && !_floor.IsModelDue && _playback.DrainedAsync().IsCompleted;

    /// <inheritdoc cref="Floor.CallerSigns"/>
    public int CallerSigns => _floor.CallerSigns;

    /// <summary>Pieces of audio that were passed on to the caller.</summary>
    public long Deltas => _deltasBefore + (Volatile.Read(ref _current)?.Deltas ?? 0);

    /// <returns>Completes when the caller has heard all that was sent so far, or interrupts.</returns>
    public Task HeardAsync() => _playback.DrainedAsync();

    /// <returns>What the caller has said and heard up to now, should this stream end.</returns>
    public ConversationSnapshot Snapshot()
    {
        var turns = _transcript.Turns(itemId => _playback.ShareHeard(Encoding.UTF8.GetBytes(itemId)));
        var open = OpenNow();
        return new ConversationSnapshot(turns, open is OpenTurn.None && !_playback.DrainedAsync().IsCompleted ? OpenTurn.RestOfAnswer : open);
    }

    public async Task<CallEnd> RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, cancellationToken);
        try
        {
            try
            {
                await ConverseAsync(ending.Token, cancellationToken);
            }
            catch (RealtimeException exception)
            {
                LogLoss(exception);
            }

            if (_isEnding)
            {
                return CallEnd.CallerLeft;
            }

            await SayAsync(Clips.SorryGoodbye, ending.Token);
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
        _isEnding = true;
        if (Volatile.Read(ref _current) is { } pump)
        {
            await pump.Session.CloseOutputAsync(grace);
        }

        await _ending.CancelAsync();
    }

    /// <summary>As <see cref="EndAsync"/>, where the caller is still there: completes when they have heard that it is over.</summary>
    public async Task EndWithGoodbyeAsync(Clip goodbye, TimeSpan grace, CancellationToken cancellationToken)
    {
        Volatile.Read(ref _current)?.Retire();
        await EndAsync(grace);
        try
        {
            if (_playback.Interrupt() is { MustClear: true })
            {
                await _caller.ClearAsync(cancellationToken);
            }

            await SayAsync(goodbye, cancellationToken);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // They have left.
        }
    }

    public async Task KeyPressedAsync(char key, CancellationToken cancellationToken)
    {
        if (!(char.IsAsciiLetterOrDigit(key) || key is '*' or '#'))
        {
            return;
        }

        _floor.CallerPressed();
        await _entering.WaitAsync(cancellationToken);
        try
        {
            _transcript.Note(Prompts.KeyPressed(key));
            if (_current is { } pump)
            {
                await pump.Session.AddMessageAsync("system", Prompts.KeyPressed(key), cancellationToken);
            }
        }
        catch (Exception exception) when (RealtimeSession.IsGone(exception, cancellationToken))
        {
            // Whoever reads from the model notices too, and tells the next session.
        }
        finally
        {
            _entering.Release();
        }
    }

    /// <summary>Lets the model say something that nobody has asked it for.</summary>
    /// <returns>False where there is no model just now.</returns>
    public async Task<bool> PromptAsync(string prompt, CancellationToken cancellationToken)
    {
        await _entering.WaitAsync(cancellationToken);
        try
        {
            if (_current is not { IsRetired: false } pump)
            {
                return false;
            }

            await TellAsync(pump, prompt, cancellationToken);
            return true;
        }
        catch (Exception exception) when (RealtimeSession.IsGone(exception, cancellationToken))
        {
            // As above.
            return false;
        }
        finally
        {
            _entering.Release();
        }
    }

    public void Dispose()
    {
        _ending.Dispose();
        _entering.Dispose();
    }

    private async Task SayAsync(Clip goodbye, CancellationToken cancellationToken)
    {
        _trace.Turns.ClipPlayed(goodbye);
        await goodbye.PlayAsync(_caller, _playback, cancellationToken);

        // The stream's end would cut the words off.
        try
        {
            await _playback.DrainedAsync().WaitAsync(_playback.Remaining + MarkReturn, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Twilio did not say that they were heard; waiting longer would not help.
        }
    }

    private void LogLoss(RealtimeException exception)
    {
        _trace.ModelLost(exception);
        var reason = exception.Message.TrimEnd('.');
        if (exception.IsPermanent)
        {
            Log.ModelRefuses(_logger, _caller.CallSid, reason);
        }
        else
        {
            Log.ModelLost(_logger, _caller.CallSid, reason);
        }
    }
}
