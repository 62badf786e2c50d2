using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Local.Phone.Twiml;

namespace VoiceAssistant.Local.Phone.Streams;

/// <summary>Opens a stream's socket as Twilio does; the numbers are those of its debugger.</summary>
internal static class StreamHandshake
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <returns>Null when the socket is open.</returns>
    public static async Task<StreamEnd?> ConnectAsync(
        ClientWebSocket socket, Uri url, PhoneLine line, TimeProvider time, CancellationToken hangUp)
    {
        // Twilio only opens wss; ws is for a server on this machine.
        if (url.Scheme != Uri.UriSchemeWss && !(url.Scheme == Uri.UriSchemeWs && url.IsLoopback))
        {
            return Refused(31922, $"the URL must begin with wss://, or with ws:// on this machine");
        }

        socket.Options.SetRequestHeader(TwilioSignature.HeaderName, TwilioSignature.Compute(line.AuthToken, TwilioUrl.Signed(url), []));
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = System.Threading.Timeout.InfiniteTimeSpan;
        var route = line.Route(url);
        if (route.IsLoopback)
        {
            socket.Options.Proxy = null;
        }

        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, hangUp);
        try
        {
            await socket.ConnectAsync(route, either.Token);
            return null;
        }
        catch (OperationCanceledException)
        {
            return hangUp.IsCancellationRequested ? StreamEnd.HungUp : Refused(31901, $"no answer within {Timeout.TotalSeconds:0} s");
        }
        catch (WebSocketException ex)
        {
            return socket.HttpStatusCode != 0
                ? Refused(31920, $"the server answered {(int)socket.HttpStatusCode} ({socket.HttpStatusCode}) instead of 101")
                : Find<AuthenticationException>(ex) is { } tls ? Refused(31910, tls.Message)
                : Find<SocketException>(ex) is { } refused ? Refused(31902, refused.Message)
                : Refused(31902, ex.Message);
        }

        StreamEnd Refused(int error, string why) => new(StreamEndKind.Refused, $"The stream {url} could not be opened: {why} (Twilio error {error}).", error);
    }

    private static TException? Find<TException>(Exception? exception)
        where TException : Exception
    {
        while (exception is not null and not TException)
        {
            exception = exception.InnerException;
        }

        return (TException?)exception;
    }
}
