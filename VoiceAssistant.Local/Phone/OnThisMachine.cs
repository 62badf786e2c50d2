using System.Net;

namespace VoiceAssistant.Local.Phone;

/// <summary>Whether a request was made on this machine, by the phone's own page or by hand.</summary>
/// <remarks>
/// The phone signs as Twilio does: whoever reaches it can place calls. A tunnel's requests come from loopback too, hence the headers;
/// so do those that a stranger's page makes in this machine's browser (DNS rebinding, cross-site WebSockets), hence host and origin.
/// </remarks>
internal static class OnThisMachine
{
    private static readonly string[] Hosts = ["localhost", "127.0.0.1", "[::1]"];
    private static readonly string[] ProxyHeaders = ["Forwarded", "Via", "X-Real-IP"];
    private static readonly string[] ProxyPrefixes = ["X-Forwarded-", "X-Original-", "Cf-"];

    public static bool Accepts(HttpContext context)
    {
        var request = context.Request;
        return context.Connection.RemoteIpAddress is { } address
            && IPAddress.IsLoopback(address)
            && Hosts.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase)
            && !request.Headers.Keys.Any(IsFromProxy)
            && (request.Headers.Origin == $"{request.Scheme}://{request.Host}"
                || (request.Headers.Origin.Count == 0 && !context.WebSockets.IsWebSocketRequest));
    }

    private static bool IsFromProxy(string header) =>
        ProxyHeaders.Contains(header, StringComparer.OrdinalIgnoreCase)
        || ProxyPrefixes.Any(prefix => header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
