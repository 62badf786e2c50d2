using System.Globalization;
using System.Net;
using VoiceAssistant.Calls.Signatures;

namespace VoiceAssistant.Local.Phone.Twiml;

/// <summary>The requests that Twilio makes about one call, with its parameters and its signature.</summary>
internal sealed class CallRequests(PhoneLine line, string callSid, HttpClient http, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>The first request of a call, as Twilio's Function forwards it.</summary>
    /// <exception cref="CallRefusedException">There is no TwiML in the answer.</exception>
    public Task<TwimlDocument> DialAsync(CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(line.WebhookUrl.Trim(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw new CallRefusedException($"The webhook's URL is \"{line.WebhookUrl}\"; it must begin with http:// or https://.");
        }

        var forwardedAt = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return FetchAsync(new(url, HttpMethod.Post), "ringing", [new("VaForwardedAt", forwardedAt)], cancellationToken);
    }

    /// <exception cref="CallRefusedException">There is no TwiML in the answer.</exception>
    public Task<TwimlDocument> FetchAsync(TwimlRequest request, string callStatus, CancellationToken cancellationToken) =>
        FetchAsync(request, callStatus, [], cancellationToken);

    /// <summary>Makes a request whose answer does not matter, not even whether there is one.</summary>
    public async Task NotifyAsync(TwimlRequest request, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        try
        {
            using var message = Sign(request, parameters);
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
        }
        catch (Exception ex) when (ex is HttpRequestException or OperationCanceledException)
        {
            // Twilio would note it in its debugger, and go on.
        }
    }

    /// <summary>The parameters of every request about this call.</summary>
    public IEnumerable<KeyValuePair<string, string>> Parameters(string callStatus) =>
    [
        new("CallSid", callSid), new("AccountSid", line.AccountSid), new("CallStatus", callStatus),
        new("ApiVersion", "2010-04-01"), new("Direction", "inbound"), new("StirVerstat", "TN-Validation-Passed-A"),
        .. Party("From", line.From), .. Party("Caller", line.From), .. Party("To", line.To), .. Party("Called", line.To),
    ];

    private static IEnumerable<KeyValuePair<string, string>> Party(string name, string number) =>
        [new(name, number), new(name + "City", ""), new(name + "State", ""), new(name + "Zip", ""), new(name + "Country", "US")];

    private async Task<TwimlDocument> FetchAsync(
        TwimlRequest request, string callStatus, IEnumerable<KeyValuePair<string, string>> more, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var message = Sign(request, Parameters(callStatus).Concat(more));
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            Check(request.Url, response);
            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            return await TwimlDocument.ReadAsync(request.Url, body, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CallRefusedException($"{request.Url} gave no answer within {Timeout.TotalSeconds:0} s, Twilio's limit.");
        }
        catch (Exception ex) when (ex is HttpRequestException or IOException)
        {
            throw new CallRefusedException($"{request.Url} cannot be reached ({ex.Message}): is the server running, and is the URL right?");
        }
    }

    private static void Check(Uri url, HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.Forbidden)
        {
            throw new CallRefusedException(
                $"{url} answered 403 (Forbidden): TWILIO_AUTH_TOKEN must be the server's, and the URL must be its PUBLIC_URL + /incoming-call.");
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new CallRefusedException($"{url} answered {(int)response.StatusCode} ({response.StatusCode}); Twilio expects 200 with TwiML.");
        }

        if (response.Content.Headers.ContentType?.MediaType is not ("text/xml" or "application/xml"))
        {
            throw new CallRefusedException(
                $"{url} answered with the Content-Type {response.Content.Headers.ContentType?.MediaType ?? "(none)"}; Twilio expects TwiML as text/xml.");
        }
    }

    private HttpRequestMessage Sign(TwimlRequest request, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var fields = parameters.ToArray();
        var url = request.Url;
        var message = new HttpRequestMessage { Method = request.Method };
        if (request.Method == HttpMethod.Get)
        {
            var query = string.Join('&', fields.Select(field => $"{Uri.EscapeDataString(field.Key)}={Uri.EscapeDataString(field.Value)}"));
            url = new(url.OriginalString.Split('#')[0] + (url.Query.Length == 0 ? "?" : "&") + query);
            fields = [];
        }
        else
        {
            message.Content = new FormUrlEncodedContent(fields);
        }

        message.RequestUri = line.Route(url);
        // A connection that is kept may be closed by the server just when it is asked again, and the call would be lost by that alone.
        message.Headers.ConnectionClose = true;
        message.Headers.Add(TwilioSignature.HeaderName, TwilioSignature.Compute(line.AuthToken, TwilioUrl.Signed(url), fields));
        return message;
    }
}
