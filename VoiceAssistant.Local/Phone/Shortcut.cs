namespace VoiceAssistant.Local.Phone;

/// <summary>
/// The way to services on this machine whose public address is another: requests are signed for the address, and sent to where it leads,
/// so that a call needs no tunnel and is not measured through one.
/// </summary>
internal sealed record Shortcut(Uri PublicUrl, Uri Webhook, Uri Bridge)
{
    /// <returns>The service's own address for the media stream and for what lies below the public address; any other URL as it is.</returns>
    public Uri Of(Uri url) => url.Scheme switch
    {
        "ws" or "wss" => Move(url, Bridge, "ws"),
        _ when url.Scheme == PublicUrl.Scheme && url.Authority == PublicUrl.Authority => Move(url, Webhook, Webhook.Scheme),
        _ => url,
    };

    private static Uri Move(Uri url, Uri service, string scheme) =>
        new UriBuilder(url) { Scheme = scheme, Host = service.Host, Port = service.Port }.Uri;
}
