using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using VoiceAssistant.Calls.Signatures;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>The signatures that Twilio may send with a stream's handshake.</summary>
/// <remarks>
/// Nothing but the URL is signed, so they are always the same: whoever has seen one can send it again. That keeps scanners out; the token is
/// what admits a call. In which form Twilio signs the URL is not documented, so each is computed, once.
/// </remarks>
internal sealed partial class HandshakeSignatures(string streamUrl, IEnumerable<string> authTokens)
{
    private readonly (string Url, string Signature)[] _known =
        [.. from url in Forms(streamUrl) from authToken in authTokens select (url, TwilioSignature.Compute(authToken, url, []))];

    /// <returns>The form of the URL that was signed; null if none was.</returns>
    public string? Match(string signature)
    {
        string? match = null;
        foreach (var (url, known) in _known)
        {
            // Each is compared and in constant time, so the answer's time says nothing about how close a guess was.
            match = CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(signature.AsSpan()), MemoryMarshal.AsBytes(known.AsSpan())) ? url : match;
        }

        return match;
    }

    /// <summary>Either scheme, with or without a slash at the end, without a port, with the scheme's and with the configured one.</summary>
    public static IEnumerable<string> Forms(string streamUrl)
    {
        var parts = Parts().Match(streamUrl);
        var (host, path) = (parts.Groups["host"].Value, parts.Groups["path"].Value);
        var isSecure = parts.Groups["scheme"].Value is "wss";

        return
            from scheme in isSecure ? (string[])["wss", "https"] : ["ws", "http"]
            from port in new[] { "", isSecure ? ":443" : ":80", parts.Groups["port"].Value }.Distinct()
            from slash in (string[])["", "/"]
            select $"{scheme}://{host}{port}{path}{slash}";
    }

    // As text, not as Uri: the signature covers every character.
    [GeneratedRegex(@"^(?<scheme>[a-z]+)://(?<host>\[[^\]]*\]|[^/:]*)(?<port>:[0-9]+)?(?<path>.*?)/?\z")]
    private static partial Regex Parts();
}
