using System.Net.WebSockets;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>The model's part of a call: found, greeted with, listened to, and apologised for when it is lost.</summary>
internal sealed partial class Conversation(
    TwilioStream caller, CallerAudio audio, Playback playback, CallTrace trace, RealtimeConnector connector, string greeting, TimeProvider time, ILogger logger)
    : IDisposable
{
    // Silence after the call was answered; longer, and a caller says hello again.
    private static readonly TimeSpan QuietConnect = TimeSpan.FromMilliseconds(1500);

    // Beyond the clip's own length: the way to Twilio and back.
    private static readonly TimeSpan MarkReturn = TimeSpan.FromSeconds(2);

    // The model takes a frame in microseconds; the caller's own side is given up after 5 s without reading.
    private static readonly TimeSpan ModelStalled = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _ending = new();
    private readonly ModelPump _pump = new(caller, playback, trace.Turns, greeting, time, logger);
    private RealtimeSession? _model;

    /// <summary>Pieces of audio that were passed on to the caller.</summary>
    public long Deltas => _pump.Deltas;

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
                trace.ModelLost(exception);
                Log.ModelLost(logger, caller.CallSid, exception is WebSocketException ? "its connection broke" : exception.Message.TrimEnd('.'));
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
                trace.Turns.ClipPlayed(Clips.OneMoment);
                await Clips.OneMoment.PlayAsync(caller, playback, cancellationToken);
            }
        }
        catch
        {
            // Whatever comes of it now, nobody is left to talk with it.
            _ = LeaveAsync(connecting);
            throw;
        }

        return await connecting;

        static async Task LeaveAsync(Task<RealtimeSession> connecting)
        {
            await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (connecting.IsCompletedSuccessfully)
            {
                await (await connecting).DisposeAsync();
            }
        }
    }

    private async Task HoldAsync(RealtimeSession model, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _model, model);
        try
        {
            await _pump.GreetAsync(model, cancellationToken);
            await audio.ConnectAsync(model, cancellationToken);
            await _pump.RunAsync(model, cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && caller.CanSend)
        {
            throw new RealtimeException("it does not answer pings, or takes no audio, any more") { ErrorType = "stalled" };
        }
        finally
        {
            Volatile.Write(ref _model, null);
            audio.Disconnect();
        }

        if (!_ending.IsCancellationRequested)
        {
            throw new RealtimeException("it closed the connection") { ErrorType = "closed" };
        }
    }

    private async Task SayGoodbyeAsync(CancellationToken cancellationToken)
    {
        trace.Turns.ClipPlayed(Clips.SorryGoodbye);
        await Clips.SorryGoodbye.PlayAsync(caller, playback, cancellationToken);

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
}
