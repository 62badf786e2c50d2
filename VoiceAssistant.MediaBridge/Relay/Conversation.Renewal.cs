using System.Globalization;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>A new session before the old one expires, at a moment when nobody notices.</summary>
internal sealed partial class Conversation
{
    private static readonly TimeSpan LongestMargin = TimeSpan.FromMinutes(2);

    // Quick enough for the pause between two turns.
    private static readonly TimeSpan MomentInterval = TimeSpan.FromMilliseconds(100);

    // There is time: the session that the caller talks with is still good.
    private static readonly TimeSpan NextAttempt = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LeaveGrace = TimeSpan.FromMilliseconds(450);

    private Task _leaving = Task.CompletedTask;

    /// <returns>How the last of the sessions was lost.</returns>
    private async Task<RealtimeException> HoldAsync(CancellationToken ending, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var renewal = CancellationTokenSource.CreateLinkedTokenSource(ending);
            var current = _current!;
            var renewing = RenewAsync(current, renewal.Token, cancellationToken);
            await Task.WhenAny(current.Ended, renewing);
            await renewal.CancelAsync();
            if (await renewing is not { } next)
            {
                return await current.Ended;
            }

            if (_isEnding)
            {
                await next.DisposeAsync();
                return await current.Ended;
            }

            try
            {
                await SwitchAsync(current, next, cancellationToken);
            }
            catch
            {
                // The call ends with one of them, and nobody else has the other.
                await (_current == next ? current : next).DisposeAsync();
                throw;
            }
        }
    }

    /// <returns>A session that is to take over at this very moment; null when the old one is lost or the call over.</returns>
    private async Task<ModelPump?> RenewAsync(ModelPump current, CancellationToken renewal, CancellationToken cancellationToken)
    {
        ModelPump? next = null;
        try
        {
            await Task.Delay(RenewalAge(current.Session) - current.Session.Age is var due && due > TimeSpan.Zero ? due : TimeSpan.Zero, _time, renewal);
            while (true)
            {
                next ??= await TryOpenAsync(renewal, cancellationToken);
                await Task.Delay(next is null ? NextAttempt : MomentInterval, _time, renewal);
                if (next?.Ended.IsCompleted is true)
                {
                    await next.DisposeAsync();
                    next = null;
                }
                else if (next is not null && IsGoodMoment(current.Session))
                {
                    return next;
                }
            }
        }
        catch (OperationCanceledException)
        {
            if (next is not null)
            {
                await next.DisposeAsync();
            }

            return null;
        }
    }

    private async Task<ModelPump?> TryOpenAsync(CancellationToken renewal, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(new Retries(RealtimeConnector.Timeout, TimeSpan.Zero, failuresBefore: 0, _time), null, renewal, cancellationToken);
        }
        catch (RealtimeException)
        {
            return null;
        }
    }

    private async Task SwitchAsync(ModelPump old, ModelPump next, CancellationToken cancellationToken)
    {
        // Not while that one is being told to speak.
        await _entering.WaitAsync(cancellationToken);
        old.Retire();
        _entering.Release();
        if (_floor.IsModelDue)
        {
            // In mid-sentence, as no better moment came: nothing of it may follow.
            old.Session.Abort();
            await ((Task)old.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _trace.Turns.SessionEnded(errorType: null);
        }

        await _audio.DisconnectAsync(old.Session);
        _deltasBefore += old.Deltas;
        _floor.SessionEnded(OpenNow());
        await EnterAsync(next, asks: _floor.Open is not OpenTurn.None, cancellationToken);
        _trace.ModelReplaced(lost: null);
        await _leaving;
        _leaving = CloseAsync(old);
        Log.SessionRenewed(_logger, _caller.CallSid);

        async Task CloseAsync(ModelPump pump)
        {
            await pump.Session.CloseOutputAsync(LeaveGrace);
            await Task.WhenAny(pump.Ended, Task.Delay(LeaveGrace, _time, cancellationToken));
            await pump.DisposeAsync();
        }
    }

    private TimeSpan RenewalAge(RealtimeSession session)
    {
        var wanted = TimeSpan.FromMinutes(int.Parse(_options.SessionMinutes, CultureInfo.InvariantCulture));
        return session.Lifetime - Margin(session) is var latest && latest < wanted ? latest : wanted;
    }

    private static TimeSpan Margin(RealtimeSession session) => session.Lifetime / 10 is var tenth && tenth < LongestMargin ? tenth : LongestMargin;

    // The less time is left, the less is asked of the moment: that nobody speaks, that no answer is cut off, none at all.
    private bool IsGoodMoment(RealtimeSession session)
    {
        var left = session.Lifetime - session.Age;
        return IsBetweenTurns
            || (left < Margin(session) / 2 && !_floor.CallerSpeaks && !_floor.IsModelDue)
            || left < Margin(session) / 4;
    }
}
