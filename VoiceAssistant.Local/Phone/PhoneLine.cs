namespace VoiceAssistant.Local.Phone;

/// <summary>The account, the numbers and the address that a call is placed with: what Twilio knows from its console.</summary>
internal sealed record PhoneLine(string WebhookUrl, string AuthToken, string AccountSid, string From, string To)
{
    /// <summary>Null where the addresses are also the way.</summary>
    public Shortcut? Shortcut { get; init; }

    /// <summary>Whether the action is asked for after a stream that broke. It is not documented whether Twilio does, so both are played.</summary>
    public bool AsksAfterLoss { get; init; } = true;

    /// <summary>The line to a webhook, with the account that the settings name.</summary>
    public static PhoneLine At(string webhookUrl, IConfiguration settings)
    {
        // During a rotation there are several tokens; Twilio signs with the first, the primary one.
        var token = settings["TWILIO_AUTH_TOKEN"]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()
            ?? DevelopmentAuthToken.Get();
        var account = settings["TWILIO_ACCOUNT_SID"] is { Length: > 0 } sid ? sid : DevelopmentAuthToken.AccountSid;
        return new(webhookUrl, token, account, From: "", To: "");
    }

    /// <summary>A client that asks once: repeating a request would place a second call.</summary>
    public HttpClient CreateHttpClient()
    {
        // A proxy of the network's knows nothing of a server on this machine.
        var isLocal = Uri.TryCreate(WebhookUrl, UriKind.Absolute, out var url) && Route(url).IsLoopback;
        return new HttpClient(new SocketsHttpHandler { UseProxy = !isLocal });
    }

    /// <summary>Where a request for this URL is sent.</summary>
    public Uri Route(Uri url) => Shortcut?.Of(url) ?? url;

    // A record prints its members; this one holds a secret and two numbers.
    public override string ToString() => WebhookUrl;
}
