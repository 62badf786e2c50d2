using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Records;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Gives another stream to a call whose stream broke, where Twilio does not ask for one by itself.</summary>
internal sealed partial class CallRescue(
    CallContinuations continuations,
    CallEnds ends,
    CallRedirect redirect,
    RecordMetrics metrics,
    StreamDocument document,
    IOptions<TwilioOptions> twilio,
    IOptions<TwilioApiOptions> options,
    TimeProvider time,
    ILogger<CallRescue> logger) : IDisposable
{
    // Nobody's calls break all at once so often that more wait than this.
    private const int MaxPending = 10_000;

    // Twilio asks by itself at once, or never.
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1.5);

    // Redis's failover takes four seconds.
    private const int MaxTries = 10;

    private static readonly TimeSpan TryInterval = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<(string CallSid, int Sequence), TaskCompletionSource> _pending = new();

    private readonly CancellationTokenSource _stopping = new();

    // A server that only this machine can reach has no calls of Twilio's.
    private readonly bool _isOn = !twilio.Value.IsLocal || options.Value.Url is not "";

    /// <summary>Looks after a call, but not before Twilio has had the time to ask.</summary>
    public void Begin(string accountSid, string callSid, int sequence)
    {
        var key = (callSid, sequence);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_isOn && _pending.Count < MaxPending && _pending.TryAdd(key, done))
        {
            _ = RunAsync();
        }

        async Task RunAsync()
        {
            try
            {
                await Task.Delay(Courtesy, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await RescueAsync(accountSid, callSid, sequence);
            }
            finally
            {
                _pending.TryRemove(key, out _);
                done.SetResult();
            }
        }
    }

    /// <summary>The service stops: Twilio is told at once, as nobody else may know that these calls need it.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_pending.Values.Select(rescue => rescue.Task)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RescueAsync(string accountSid, string callSid, int sequence)
    {
        if (!await TryLoseAsync(callSid, sequence))
        {
            return;
        }

        var reason = CallEndReason.CallerLeft;
        try
        {
            if (await redirect.RedirectAsync(accountSid, callSid, document.RescueUrl(sequence)))
            {
                LogRescued(callSid);
                ends.EndUnlessRescued(callSid, sequence);
                return;
            }
        }
        catch (HttpRequestException exception)
        {
            LogNotRescued(callSid, exception.Message);
            metrics.Resumed("not_rescued");
            reason = CallEndReason.NotRescued;
            // Twilio may have asked by itself by now, and been told to wait.
            await Task.Delay(StreamDocument.RescueTime + Courtesy, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await ends.EndAsync(callSid, sequence, reason);
    }

    private async Task<bool> TryLoseAsync(string callSid, int sequence)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            try
            {
                return await continuations.TryLoseAsync(callSid, sequence, CancellationToken.None);
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                // Twilio may have asked, and a redirect would cut off the stream that the call has now.
                await Task.Delay(TryInterval, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        // Without Redis no call goes on, and its caller hears at least why.
        return true;
    }

    [LoggerMessage(1, LogLevel.Warning, "Call {CallSid} lost its stream, and Twilio did not ask what to do; it was told to.", EventName = "Rescued")]
    private partial void LogRescued(string callSid);

    [LoggerMessage(2, LogLevel.Error,
        "Call {CallSid} lost its stream and is given up: {Fault}. Where Twilio refuses, check TWILIO_AUTH_TOKEN, or TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET.",
        EventName = "NotRescued")]
    private partial void LogNotRescued(string callSid, string fault);
}
