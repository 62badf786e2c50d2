using System.Diagnostics;
using System.Net.WebSockets;
using StackExchange.Redis;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Budgets;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>A fresh socket's way to a conversation.</summary>
internal sealed partial class StreamHandler(
    StreamAdmission admission, CallLeases leases, CallBudgets budgets, MediaStreamDelegate converse, TimeProvider time, ILogger<StreamHandler> logger)
{
    // A message of Twilio has some 400 bytes; OpenAI's example for Twilio draws the line here.
    private const int MaxMessageSize = 64 * 1024;

    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(1);

    /// <returns>Whether a call was held on the socket.</returns>
    public async Task<bool> HandleAsync(WebSocket socket, StreamGates.Slot slot, CancellationToken aborted)
    {
        using var reader = new MessageReader(socket, StreamAdmission.MaxMessageSize);

        if (await AdmitAsync(socket, reader, slot, aborted) is { } admitted)
        {
            using var scope = logger.BeginCall(admitted.Grant.CallSid);
            if (slot.TryBecomeCall())
            {
                reader.MaxMessageSize = MaxMessageSize;
                await using var stream = new TwilioStream(socket, reader, admitted.Start, time);
                await ConverseAsync(stream, admitted);
                return true;
            }

            LogRefused("All lines were taken while it showed its token.");
            await CloseAsync(socket, WebSocketCloseStatus.EndpointUnavailable, "All lines are busy.");
        }

        Activity.Current.Fail("refused");
        return false;
    }

    private async Task ConverseAsync(TwilioStream stream, AdmittedStream admitted)
    {
        using var ended = new CancellationTokenSource();
        var meter = new CallMeter(budgets, admitted.Grant, stream.Cost, time);
        var holding = HoldLeaseAsync(stream, admitted, meter, ended.Token);
        var goesOn = false;
        try
        {
            goesOn = await converse(stream, admitted);
        }
        finally
        {
            await ended.CancelAsync();
            await holding;
            // The call's place is the next stream's; it frees itself where that does not come.
            await CountAsync(admitted.Grant, goesOn ? meter.RenewAsync() : meter.ReleaseAsync());
        }
    }

    private async Task HoldLeaseAsync(TwilioStream stream, AdmittedStream admitted, CallMeter meter, CancellationToken ended)
    {
        var (_, grant, lease) = admitted;
        var since = time.GetTimestamp();
        using var timer = new PeriodicTimer(CallLeases.RenewInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                // Waited for also where the call ends meanwhile, or the end would be told of the same time and money once more.
                await CountAsync(grant, meter.RenewAsync());
                ended.ThrowIfCancellationRequested();
                if (!await RenewLeaseAsync(grant, lease with { Age = lease.Age + time.GetElapsedTime(since) }, ended))
                {
                    LogSuperseded(grant.CallSid);
                    stream.Abort();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The call ended.
        }
    }

    private async Task CountAsync(StreamGrant grant, Task counting)
    {
        try
        {
            await counting;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogNotCounted(grant.CallSid, exception.Message);
        }
    }

    private async Task<bool> RenewLeaseAsync(StreamGrant grant, CallLease lease, CancellationToken ended)
    {
        try
        {
            return await leases.RenewAsync(grant, lease, ended);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // A call needs no Redis to go on, and the next renewal takes the lease again.
            LogNotRenewed(grant.CallSid, exception.Message);
            return true;
        }
    }

    private async Task<AdmittedStream?> AdmitAsync(WebSocket socket, MessageReader reader, StreamGates.Slot slot, CancellationToken aborted)
    {
        var admitting = admission.AdmitAsync(reader, aborted);
        try
        {
            if (await Task.WhenAny(admitting, slot.IsCutOff).WaitAsync(StreamAdmission.Deadline, time, CancellationToken.None) == admitting)
            {
                return await admitting;
            }

            LogRefused("It showed no token while others waited for its place.");
        }
        catch (PeerViolationException violation)
        {
            LogRefused(violation.Message);
            await CloseAsync(socket, violation.Status, violation.Message);
        }
        catch (Exception exception) when (admitting.IsCompleted && (exception is RedisException or TimeoutException))
        {
            LogRedisFailed(exception.Message);
            // Not as an error: Twilio shall ask what becomes of the call, and gets another token if Redis is back.
            await CloseAsync(socket, WebSocketCloseStatus.NormalClosure, null);
        }
        catch (TimeoutException)
        {
            const string Reason = "No token came in time.";
            LogRefused(Reason);
            await CloseAsync(socket, WebSocketCloseStatus.PolicyViolation, Reason);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            LogRefused("The connection broke before the stream began.");
        }

        // The read that may still be waiting ends with the socket.
        socket.Abort();
        await admitting.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return null;
    }

    private async Task CloseAsync(WebSocket socket, WebSocketCloseStatus status, string? reason)
    {
        using var grace = new CancellationTokenSource(CloseGrace, time);
        try
        {
            await socket.CloseAsync(status, reason, grace.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // It does not listen: the abort that follows says the same.
        }
    }

    [LoggerMessage(1, LogLevel.Information, "A media stream was refused: {Reason}", EventName = "Refused")]
    private partial void LogRefused(string reason);

    [LoggerMessage(2, LogLevel.Warning, "A media stream was refused: its token cannot be checked, as Redis (ConnectionStrings:redis) does not do its part: {Fault}", EventName = "RedisFailed")]
    private partial void LogRedisFailed(string fault);

    [LoggerMessage(3, LogLevel.Warning, "Call {CallSid} has a newer stream; this one is cut off.", EventName = "Superseded")]
    private partial void LogSuperseded(string callSid);

    [LoggerMessage(4, LogLevel.Debug, "The lease of call {CallSid} was not renewed: {Fault}", EventName = "NotRenewed")]
    private partial void LogNotRenewed(string callSid, string fault);

    [LoggerMessage(5, LogLevel.Debug, "What call {CallSid} costs was not counted yet: {Fault}", EventName = "NotCounted")]
    private partial void LogNotCounted(string callSid, string fault);
}
