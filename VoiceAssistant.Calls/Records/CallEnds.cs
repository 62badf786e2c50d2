using System.Diagnostics;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using VoiceAssistant.Calls.Redis;

namespace VoiceAssistant.Calls.Records;

/// <summary>Writes the one end record of a call, whoever notices first that it is over: a log line, and a count.</summary>
public sealed partial class CallEnds(IConnectionMultiplexer redis, TimeProvider time, RecordMetrics metrics, ILogger<CallEnds> logger) : IDisposable
{
    /// <summary>For who says that the call is over, not just a stream of it.</summary>
    public const int AnyStream = int.MaxValue;

    // A Redis that is away for longer is not coming back, and what was said in the call has expired by then.
    private const int MaxTries = 120;

    // So many calls do not end within a Redis's absence.
    private const int MaxWaiting = 10_000;

    private static readonly TimeSpan TryInterval = TimeSpan.FromSeconds(5);

    // Longer than a token is good for, and than a call may be without a stream.
    private static readonly TimeSpan Abandoned = TimeSpan.FromSeconds(75);

    // As long as who waits may need to write it down.
    private static readonly TimeSpan Overdue = Abandoned + (3 * TryInterval);

    // Where Redis was away, nobody could renew a lease: that is done within ten seconds.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private static readonly RedisScript Script = new(typeof(CallEnds), "end.lua");

    private readonly AwaitedStreams _awaited = new(redis, time);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _isIdle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    /// <summary>Ends a call, unless somebody else has, and forgets what was said in it. Where Redis is away, that is done when it is back.</summary>
    /// <param name="callSid">Which.</param>
    /// <param name="sequence">Of the stream that says so, which must be the call's last.</param>
    /// <param name="reason">Why.</param>
    public Task EndAsync(string callSid, int sequence, CallEndReason reason) => EndAtOnceAsync(new End(callSid, sequence, Tag(reason), Awaited.Nothing));

    /// <summary>Ends a call as <see cref="EndAsync(string, int, CallEndReason)"/> does, unless Redis has forgotten it: whoever had its stream has said so, or will.</summary>
    /// <param name="callSid">Which.</param>
    /// <param name="reason">Why.</param>
    public Task EndKnownAsync(string callSid, CallEndReason reason) => EndAtOnceAsync(new End(callSid, AnyStream, Tag(reason), Awaited.NothingOfTheForgotten));

    /// <summary>Ends a call that has been given a token and does not use it, in a while: nobody says that it is over where a caller hangs up without a stream.</summary>
    /// <param name="callSid">Which.</param>
    /// <param name="sequence">The token's.</param>
    public void EndUnlessBegun(string callSid, int sequence) => EndLater(callSid, sequence, Awaited.Stream);

    /// <summary>Ends a call whose stream was handed over, and for whose next one nobody asks, in a while.</summary>
    /// <inheritdoc cref="EndUnlessBegun"/>
    public void EndUnlessResumed(string callSid, int sequence) => EndLater(callSid, sequence, Awaited.NextStream);

    /// <summary>Ends a call whose stream broke, and for whose next one nobody asks, in a while, though the record may say that it is live.</summary>
    /// <inheritdoc cref="EndUnlessBegun"/>
    public void EndUnlessRescued(string callSid, int sequence) => EndLater(callSid, sequence, Awaited.Rescue);

    /// <summary>Ends the calls whose next stream has not come, or whose bridge is gone, and for which nobody waits any more: the service that did has stopped, or was killed.</summary>
    public async Task EndForgottenAsync()
    {
        try
        {
            foreach (var stream in await _awaited.OverdueAsync())
            {
                if (AwaitedStreams.TryParse(stream) is var (callSid, sequence, awaited))
                {
                    await TryAsync(new End(callSid, sequence, Tag(CallEndReason.CallerLost), awaited));
                }
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // The next time, then.
        }
    }

    /// <summary>The service stops: what could not be written is tried once more, as nobody else would.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (Volatile.Read(ref _waiting) > 0)
        {
            await _isIdle.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void Later(Func<Task> end)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting || _stopping.IsCancellationRequested)
        {
            Leave();
            return;
        }

        _ = RunAsync();

        async Task RunAsync()
        {
            try
            {
                await end();
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                // The service has stopped.
            }
            finally
            {
                Leave();
            }
        }

        void Leave()
        {
            if (Interlocked.Decrement(ref _waiting) == 0 && _stopping.IsCancellationRequested)
            {
                _isIdle.TrySetResult();
            }
        }
    }

    private async Task EndAtOnceAsync(End end)
    {
        if (!await TryAsync(end))
        {
            Later(() => EndAsync(end));
        }
    }

    private async Task EndAsync(End end)
    {
        for (var tries = 0; tries < MaxTries && !await TryAsync(end) && !_stopping.IsCancellationRequested; tries++)
        {
            await Task.Delay(TryInterval, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void EndLater(string callSid, int sequence, Awaited awaited) => Later(async () =>
    {
        var end = new End(callSid, sequence, Tag(CallEndReason.CallerLost), awaited);
        var waiting = Task.Delay(Abandoned, time, _stopping.Token);
        await TryAwaitAsync(end);
        await waiting;
        // The request is long answered: a span of it now would make its trace look as if it had taken all that time.
        Activity.Current = null;
        await EndAsync(end);
    });

    private async Task TryAwaitAsync(End end)
    {
        try
        {
            await _awaited.AddAsync(end.Stream, Overdue);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Then nobody else waits.
        }
    }

    /// <returns>False if Redis could not be asked.</returns>
    private async Task<bool> TryAsync(End end)
    {
        try
        {
            var ended = await Script.EvaluateAsync(
                    redis,
                    [CallRecords.Key(end.CallSid), Conversations.Key(end.CallSid), AwaitedStreams.Key, CallLeases.Key(end.CallSid)],
                    end.Sequence, end.Reason, (int)CallRecords.Lifetime.TotalSeconds, (int)end.Awaited, end.By, end.Stream,
                    AwaitedStreams.Renewal(end.CallSid), AwaitedStreams.LateRenewal(end.CallSid), (long)Grace.TotalMilliseconds)
                .WithinPatience(time, CancellationToken.None);
            if (!ended.IsNull)
            {
                metrics.Ended(end.Reason);
                LogEnded(end.CallSid, end.Reason, (long)ended[0] / 1000.0, (int)ended[1], (long)ended[2] / 1000.0);
            }

            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogNotWritten(end.CallSid, end.Reason, exception.Message);
            return false;
        }
    }

    private static string Tag(CallEndReason reason) => reason switch
    {
        CallEndReason.CallerLeft => "caller_left",
        CallEndReason.CallerLost => "caller_lost",
        CallEndReason.CallerViolation => "caller_violation",
        CallEndReason.ModelLost => "model_lost",
        CallEndReason.TimeLimit => "time_limit",
        CallEndReason.CallerSilent => "caller_silent",
        CallEndReason.NotResumed => "not_resumed",
        CallEndReason.NotRescued => "not_rescued",
        _ => "stopped",
    };

    /// <param name="CallSid">Of which call.</param>
    /// <param name="Sequence">Of the stream that says so.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Awaited">In vain: a call that awaits something else is left alone.</param>
    private sealed record End(string CallSid, int Sequence, string Reason, Awaited Awaited)
    {
        /// <summary>Tells this end from others: one whose answer was lost may have been written.</summary>
        public string By { get; } = Guid.NewGuid().ToString("N");

        /// <summary>What is not waited for any more then.</summary>
        public RedisValue Stream => AwaitedStreams.Format(CallSid, Sequence, Awaited);
    }

    [LoggerMessage(1, LogLevel.Information, "Call {CallSid} is over ({Reason}): {Seconds} s, {Resumes} resumes, {GapSeconds} s without a stream.", EventName = "CallEnded")]
    private partial void LogEnded(string callSid, string reason, double seconds, int resumes, double gapSeconds);

    [LoggerMessage(2, LogLevel.Debug, "The end of call {CallSid} ({Reason}) was not written: {Fault}", EventName = "NotWritten")]
    private partial void LogNotWritten(string callSid, string reason, string fault);
}
