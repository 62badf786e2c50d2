using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography;
using VoiceAssistant.Local.Phone.Streams;

namespace VoiceAssistant.Local.Phone.Twiml;

/// <summary>Does what TwiML says, verb after verb: https://www.twilio.com/docs/voice/twiml.</summary>
internal sealed class TwimlExecutor(
    PhoneLine line, string callSid, ICaller caller, CallTimes times, CallRequests requests, TimeProvider time, StreamTap? tap)
{
    // About the pace of a spoken sentence; nothing is synthesised.
    private static readonly TimeSpan SayPerCharacter = TimeSpan.FromMilliseconds(60);

    // Measured between the request for the document that a redirect cancels and the one for the URL that it names.
    private const int ShortestRace = 67;
    private const int LongestRace = 320;

    private volatile MediaStream? _stream;
    private volatile TaskCompletionSource<Uri>? _redirected;
    private StreamEnd? _lastStream;

    /// <summary>The stream that is open now.</summary>
    public MediaStream? Stream => _stream;

    /// <summary>What the server is being told and nobody waits for.</summary>
    public Task Notifications { get; private set; } = Task.CompletedTask;

    /// <returns>Where the call goes on, or how it ended.</returns>
    public async Task<(TwimlRequest? Next, CallEnd? End)> RunAsync(TwimlDocument document, CancellationToken hangUp)
    {
        foreach (var verb in document.Verbs)
        {
            switch (verb.Name.LocalName)
            {
                case "Say":
                    await SayAsync(verb.Value, hangUp);
                    break;

                case "Pause":
                    await Task.Delay(document.Seconds(verb, "length"), time, hangUp);
                    break;

                case "Connect":
                    var connect = ConnectVerb.Read(document, verb);
                    var end = await ConnectAsync(connect, hangUp);
                    if (end.Kind == StreamEndKind.HungUp)
                    {
                        return (null, CallEnd.CallerHungUp);
                    }

                    if (end.Kind == StreamEndKind.Dropped && !line.AsksAfterLoss)
                    {
                        return (await AwaitRedirectAsync(connect, hangUp), null);
                    }

                    if (connect.Action is not null)
                    {
                        return (connect.Action, null);
                    }

                    break;

                case "Redirect":
                    return (new(document.Resolve(verb.Value), document.Method(verb, "method")), null);

                case "Reject":
                    return (null, new(CallEndKind.Rejected, "The server rejected the call."));

                case "Hangup":
                    return (null, ServerEnded());

                default:
                    throw new CallRefusedException($"The TwiML of {document.Url} has a <{verb.Name}>, which this phone does not know.");
            }
        }

        return (null, ServerEnded());
    }

    public bool TryRedirect(Uri url) => _redirected?.TrySetResult(url) is true;

    /// <summary>Nothing happens until somebody says what should. Then Twilio asks the action, too, and does not do what that answers.</summary>
    private async Task<TwimlRequest> AwaitRedirectAsync(ConnectVerb connect, CancellationToken hangUp)
    {
        _redirected = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var url = await _redirected.Task.WaitAsync(hangUp);
        _redirected = null;
        if (connect.Action is not null)
        {
            await requests.NotifyAsync(connect.Action, requests.Parameters("in-progress"));
        }

        await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(ShortestRace, LongestRace + 1)), time, hangUp);
        return new(url, HttpMethod.Post);
    }

    private async Task SayAsync(string markup, CancellationToken hangUp)
    {
        var text = string.Join(' ', markup.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        caller.Notice(new(PhoneEventKind.Said, text));
        await Task.Delay(text.Length * SayPerCharacter, time, hangUp);
    }

    private async Task<StreamEnd> ConnectAsync(ConnectVerb connect, CancellationToken hangUp)
    {
        var identity = new StreamIdentity(
            "MZ" + RandomNumberGenerator.GetHexString(32, lowercase: true), callSid, line.AccountSid, connect.Parameters);

        using var socket = new ClientWebSocket();
        var end = await StreamHandshake.ConnectAsync(socket, connect.StreamUrl, line, time, hangUp);
        if (end is null)
        {
            ReportStatus(connect, identity, "stream-started");
            using var stream = new MediaStream(socket, identity, caller, times, time, tap);
            _stream = stream;
            end = await stream.RunAsync(hangUp);
            _stream = null;
        }

        _lastStream = end;
        caller.Notice(new(PhoneEventKind.StreamEnded, end.Reason));
        ReportEnd(connect, identity, end);
        return end;
    }

    private void ReportEnd(ConnectVerb connect, StreamIdentity identity, StreamEnd end)
    {
        if (end.Kind is StreamEndKind.Refused or StreamEndKind.Dropped)
        {
            ReportStatus(connect, identity, "stream-error", $"{end.Error}: {end.Reason}");
        }
        else
        {
            ReportStatus(connect, identity, "stream-stopped");
        }

        // Twilio asks once more when the caller has hung up, and ignores the answer.
        if (end.Kind == StreamEndKind.HungUp && connect.Action is not null)
        {
            Notifications = NotifyAsync(Notifications, connect.Action, requests.Parameters("completed"));
        }
    }

    private void ReportStatus(ConnectVerb connect, StreamIdentity identity, string status, string error = "")
    {
        if (connect.StatusCallback is { } callback)
        {
            Notifications = NotifyAsync(Notifications, callback,
            [
                new("AccountSid", line.AccountSid), new("CallSid", callSid), new("StreamSid", identity.StreamSid),
                new("StreamName", connect.StreamName ?? identity.StreamSid), new("StreamEvent", status), new("StreamError", error),
                new("Timestamp", time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
            ]);
        }
    }

    private async Task NotifyAsync(Task earlier, TwimlRequest request, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        await earlier;
        await requests.NotifyAsync(request, parameters);
    }

    // A call whose last stream failed has not gone well, however politely the server ended it.
    private CallEnd ServerEnded() => _lastStream switch
    {
        { Kind: StreamEndKind.Refused } refused => new(CallEndKind.StreamRefused, refused.Reason),
        { Kind: StreamEndKind.Dropped } dropped => new(CallEndKind.StreamDropped, dropped.Reason),
        _ => new(CallEndKind.Completed, "The server ended the call."),
    };
}
