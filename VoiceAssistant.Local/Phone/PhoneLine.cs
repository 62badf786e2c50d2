namespace VoiceAssistant.Local.Phone;

/// <summary>The account, the numbers and the address that a call is placed with: what Twilio knows from its console.</summary>
internal sealed record PhoneLine(string WebhookUrl, string AuthToken, string AccountSid, string From, string To)
{
    /// <summary>A client that asks once: repeating a request would place a second call.</summary>
    public HttpClient CreateHttpClient()
    {
        // A proxy of the network's knows nothing of a server on this machine.
        var isLocal = Uri.TryCreate(WebhookUrl, UriKind.Absolute, out var url) && url.IsLoopback;
        return new HttpClient(new SocketsHttpHandler { UseProxy = !isLocal });
    }

    // A record prints its members; this one holds a secret and two numbers.
    public override string ToString() => WebhookUrl;
}
