using System.Net.WebSockets;
using Microsoft.Extensions.Options;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>One live call: the caller's side and the model's side run until the first of them ends, then both are closed.</summary>
internal sealed partial class CallRelay(
    RealtimeSessions sessions,
    IOptions<RealtimeOptions> options,
    IOptions<CallOptions> callOptions,
    LiveCalls calls,
    Conversations said,
    CallEnds ends,
    RecordMetrics callMetrics,
    CallMetrics metrics,
    RealtimeMetrics modelMetrics,
    MessageContent content,
    TimeProvider time,
    ILogger<CallRelay> logger)
{
    // Twice within the second that both sides may take to end.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(450);

    // Twilio sends a frame every 20 ms, also of a silent caller, and takes what we send at once.
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(250);

    // A process that was stopped for a while reads only after the first look what came meanwhile.
    private static readonly TimeSpan SecondLook = WatchInterval / 2;

    /// <inheritdoc cref="MediaStreamDelegate"/>
    public async Task<bool> RunAsync(TwilioStream caller, AdmittedStream admitted)
    {
        var started = time.GetTimestamp();
        using var trace = new CallTrace(caller.CallSid, caller.Trace, metrics, modelMetrics, time, content.IsCaptured ? content : null);
        Begin(admitted.Lease, caller.CallSid);

        using var live = calls.Add();

        // Cancelled last of all: it cuts the sockets off, where the model should be told that the call is over.
        using var call = new CancellationTokenSource();
        using var audio = new CallerAudio(time);
        var playback = new Playback(time);
        using var conversation = new Conversation(caller, audio, playback, trace, sessions, options.Value, Resumption.Of(admitted.Lease), time, logger);
        var journal = new CallJournal(admitted.Grant, conversation, said, ends, logger);
        var limits = new CallLimits(conversation, admitted.Lease.Age, callOptions.Value.Longest!.Value, time);
        var pump = new CallerPump(caller, audio, playback, conversation, time);

        // First those who only wait for time to pass: the others may get far before they let go of this thread.
        var watching = WatchAsync(caller, audio, playback, conversation, limits, trace, call.Token);
        var leaving = LeaveAsync(live, conversation, journal, call.Token);
        var limiting = limits.RunAsync(call.Token);
        var keeping = journal.RunAsync(call.Token);
        var reassuring = conversation.ReassureAsync(call.Token);
        var filling = audio.FillPausesAsync(call.Token);
        var listening = pump.RunAsync(call.Token);
        var conversing = conversation.RunAsync(call.Token);

        var parting = Task.CompletedTask;
        CallEnd end;
        try
        {
            end = await await Task.WhenAny(listening, conversing, watching, leaving, limiting);

            var written = journal.EndAsync(end);
            if (GoodbyeOf(end) is { } goodbye)
            {
                parting = conversation.EndWithGoodbyeAsync(goodbye, Grace, call.Token);
                await Task.WhenAny(listening, parting, Task.Delay(Patience.Overdue, time, call.Token));
            }

            // Each side is asked to close; one that does not answer is cut off. Twilio asks how the call goes on as soon as the stream is closed.
            var ending = conversation.EndAsync(Grace);
            if (end is CallEnd.CallerLost)
            {
                // Not before the model is told: words on their way to the caller, which fail now, would break its session off.
                caller.Abort();
            }

            await Task.WhenAll(ending, CloseAsync(caller, end, pump, written));
            await Task.WhenAny(Task.WhenAll(listening, conversing), Task.Delay(Grace, time, call.Token));
            if (!listening.IsCompleted || !conversing.IsCompleted)
            {
                caller.Abort();
            }
        }
        catch
        {
            // A bug of ours, told by whoever called us: neither side may outlive it, nor read into buffers that are another call's by then.
            caller.Abort();
            await call.CancelAsync();
            await Task.WhenAll(listening, conversing, watching, leaving, limiting, parting, reassuring, filling, keeping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await call.CancelAsync();
        await Task.WhenAll(listening, conversing, watching, leaving, limiting, parting, reassuring, filling, keeping);

        trace.Ended(end, pump.Frames, audio.Dropped, conversation.Deltas);
        Log.Ended(
            logger, caller.CallSid, end, (long)time.GetElapsedTime(started).TotalSeconds, pump.Frames, audio.Dropped, conversation.Deltas, pump.Violation?.Message ?? "");
        return end is CallEnd.HandedOver or CallEnd.CallerLost;
    }

    private async Task<CallEnd> WatchAsync(
        TwilioStream caller, CallerAudio audio, Playback playback, Conversation conversation, CallLimits limits, CallTrace trace,
        CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(WatchInterval, time);
        try
        {
            long? suspectedAt = null;
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                trace.Watched(audio.Waiting, playback.Remaining);
                if (limits.IsOverdue)
                {
                    return CallEnd.TimeLimit;
                }

                if (caller.Silent <= DeadAfter && caller.Stalled <= DeadAfter)
                {
                    suspectedAt = null;
                    conversation.AbortStuckModel();
                }
                else if (suspectedAt is not { } since)
                {
                    suspectedAt = time.GetTimestamp();
                }
                else if (time.GetElapsedTime(since) >= SecondLook)
                {
                    return CallEnd.CallerLost;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The call ended.
        }

        return CallEnd.Stopping;
    }

    /// <returns>When another bridge is to go on with the call, or nobody can; never, where this one may keep it.</returns>
    private async Task<CallEnd> LeaveAsync(LiveCalls.LiveCall live, Conversation conversation, CallJournal journal, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(WatchInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (live.IsToEnd)
                {
                    live.HasEnded();
                    return CallEnd.Stopping;
                }

                // Where it cannot be written down, the call stays as long as it can.
                var isBetweenTurns = conversation.IsBetweenTurns;
                if (live.IsToLeave(isBetweenTurns) && await journal.HandOverAsync(cancellationToken))
                {
                    live.HasLeft(isBetweenTurns);
                    return CallEnd.HandedOver;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The call ended.
        }

        return CallEnd.Stopping;
    }

    private void Begin(CallLease lease, string callSid)
    {
        if (!lease.IsContinuation)
        {
            Log.Started(logger, callSid);
            return;
        }

        Log.Resumed(logger, callSid, (long)lease.Gap.TotalMilliseconds);
        callMetrics.Resumed(lease.WasCutOff ? "cut_off" : "handed_over");
        metrics.Gap(lease.Gap, "resume");
    }

    private static Clip? GoodbyeOf(CallEnd end) => end switch
    {
        CallEnd.TimeLimit or CallEnd.CallerSilent => Clips.Goodbye,
        CallEnd.Stopping => Clips.SorryGoodbye,
        _ => null,
    };

    private static async Task CloseAsync(TwilioStream caller, CallEnd end, CallerPump pump, Task written)
    {
        await written;
        await (end switch
        {
            CallEnd.CallerViolation => caller.CloseOutputAsync(pump.Violation!.Status, pump.Violation.Message, Grace),
            // Twilio goes on with the action of <Connect>.
            _ => caller.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Grace),
        });
    }
}
