using Microsoft.Extensions.Options;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>The way of all calls out of a process that is to stop: most end by themselves, the others go on at another bridge.</summary>
internal sealed partial class Drain(
    DrainSwitch drain,
    StreamGates gates,
    LiveCalls calls,
    IOptions<DrainOptions> options,
    IHostEnvironment environment,
    CallMetrics metrics,
    TimeProvider time,
    ILogger<Drain> logger)
{
    // Twilio asks what becomes of a call whose stream was closed, and where all is one process, this is who answers.
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private bool _isUrgent;

    /// <summary>Somebody does not want to wait any longer: all calls are handed over now.</summary>
    public void Hurry()
    {
        if (!Interlocked.Exchange(ref _isUrgent, true))
        {
            LogUrgent();
        }
    }

    /// <summary>Takes no new call from now on, and completes when there is none left.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        var begun = calls.Count;
        drain.TurnOn();

        try
        {
            await LeaveAsync(new DrainSchedule(options.Value.Grace(environment)), since, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The host waits no longer, and cuts off who is still there.
        }

        var (handedOver, forced) = (calls.HandedOver, calls.Forced + calls.Count);
        metrics.Drained(time.GetElapsedTime(since), forced);
        LogDrained((long)time.GetElapsedTime(since).TotalSeconds, begun, Math.Max(0, begun - handedOver - forced), handedOver, forced);
    }

    private async Task LeaveAsync(DrainSchedule schedule, long since, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);

        // Again and again, as a socket that is open already may still become a call.
        for (; gates.HasSockets; await timer.WaitForNextTickAsync(cancellationToken))
        {
            var elapsed = time.GetElapsedTime(since);
            if (Volatile.Read(ref _isUrgent))
            {
                schedule.Hurry(elapsed);
            }

            calls.HandOver(schedule.At(elapsed));
        }

        if (calls.Ended > 0)
        {
            await Task.Delay(Courtesy, time, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Asked to stop once more: no call is waited for.", EventName = "Urgent")]
    private partial void LogUrgent();

    [LoggerMessage(2, LogLevel.Information,
        "Drained in {Seconds} s: of {Calls} calls {Finished} ended by themselves, {HandedOver} were handed over between two turns, {Forced} in mid-turn or ended.",
        EventName = "Drained")]
    private partial void LogDrained(long seconds, int calls, int finished, int handedOver, int forced);
}
