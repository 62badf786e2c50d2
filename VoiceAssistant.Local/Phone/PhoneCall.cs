using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using VoiceAssistant.Local.Phone.Streams;
using VoiceAssistant.Local.Phone.Twiml;

namespace VoiceAssistant.Local.Phone;

/// <summary>One phone call, placed the way Twilio places it; run once.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Its token source has no timer and no wait handle, so there is nothing to dispose.")]
internal sealed class PhoneCall
{
    // For a server that redirects for ever.
    private const int MaxDocuments = 20;

    private readonly CancellationTokenSource _hangUp = new();
    private readonly ICaller _caller;
    private readonly CallRequests _requests;
    private readonly TwimlExecutor _executor;

    public PhoneCall(PhoneLine line, ICaller caller, HttpClient http, TimeProvider time, StreamTap? tap = null)
    {
        _caller = caller;
        Times = new(time);
        _requests = new(line, CallSid, http, time);
        _executor = new(line, CallSid, caller, Times, _requests, time, tap);
    }

    public string CallSid { get; } = "CA" + RandomNumberGenerator.GetHexString(32, lowercase: true);

    public CallTimes Times { get; }

    /// <summary>Dials, and returns when the call has ended. Cancellation is the caller hanging up; it never throws for what a server does.</summary>
    public async Task<CallEnd> RunAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(call => ((PhoneCall)call!).HangUp(), this);

        _caller.Notice(new(PhoneEventKind.Dialling));
        var end = await FollowAsync(_hangUp.Token);
        _caller.Notice(new(PhoneEventKind.Ended, end.Reason));
        await _executor.Notifications;
        return end;
    }

    // Not Cancel: that would end the call within the caller's own method.
    public void HangUp() => _ = _hangUp.CancelAsync();

    /// <summary>Does what Twilio's REST interface was told: a call that waits, as its stream broke, asks this URL what to do.</summary>
    /// <returns>False where no such call is there.</returns>
    public bool TryRedirect(Uri url) => _executor.TryRedirect(url);

    /// <summary>Presses a key; without a stream nobody notices.</summary>
    public void Press(char digit)
    {
        if (!"0123456789*#ABCD".Contains(digit))
        {
            throw new ArgumentOutOfRangeException(nameof(digit), digit, "A phone has the keys 0 to 9, *, # and A to D.");
        }

        _executor.Stream?.Press(digit);
    }

    private async Task<CallEnd> FollowAsync(CancellationToken hangUp)
    {
        Times.Dialled();
        try
        {
            var document = await _requests.DialAsync(hangUp);
            Times.WebhookAnswered();

            for (var documents = 1; documents <= MaxDocuments; documents++)
            {
                var (next, end) = await _executor.RunAsync(document, hangUp);
                if (next is null)
                {
                    return end!;
                }

                document = await _requests.FetchAsync(next, "in-progress", hangUp);
            }

            return new(CallEndKind.Refused, $"The server asked for more than {MaxDocuments} TwiML documents in one call.");
        }
        catch (CallRefusedException refused)
        {
            return new(CallEndKind.Refused, refused.Message);
        }
        catch (OperationCanceledException) when (hangUp.IsCancellationRequested)
        {
            return CallEnd.CallerHungUp;
        }
    }
}
