using System.Security.Cryptography;
using System.Text;

namespace VoiceAssistant.Calls.Signatures;

/// <summary>Twilio's proof that a request comes from Twilio: Base64(HMAC-SHA1(auth token, URL + sorted parameters)).</summary>
/// <remarks>
/// https://www.twilio.com/docs/usage/security#validating-requests. Our own, because the one in Twilio's package is wrong about repeated parameters
/// and some URLs, and throws where the header is empty: TwilioValidatorTests says where, and fails when it no longer is.
/// </remarks>
public static class TwilioSignature
{
    public const string HeaderName = "X-Twilio-Signature";

    /// <param name="authToken">The account's auth token, never an API key's secret.</param>
    /// <param name="url">The URL as Twilio requests it, character by character, without its fragment.</param>
    /// <param name="parameters">The decoded form fields; none for GET and for a WebSocket's handshake.</param>
    public static string Compute(string authToken, string url, IEnumerable<KeyValuePair<string, string>> parameters) =>
        Convert.ToBase64String(Hash(authToken, url + Concatenate(parameters)));

    /// <summary>Whether the text has a signature's form: a request without one is not Twilio's.</summary>
    public static bool IsWellFormed(string? signature) => TryDecode(signature, stackalloc byte[HMACSHA1.HashSizeInBytes]);

    /// <summary>Whether one of the tokens signed this URL (as given, without its port, or with its scheme's default port) and these parameters.</summary>
    /// <remarks>Every candidate is computed and compared in constant time, so the answer's time says nothing about which one matched.</remarks>
    public static bool IsValid(
        IReadOnlyList<string> authTokens, string url, IEnumerable<KeyValuePair<string, string>> parameters, string? signature)
    {
        Span<byte> given = stackalloc byte[HMACSHA1.HashSizeInBytes];
        if (!TryDecode(signature, given))
        {
            return false;
        }

        var suffix = Concatenate(parameters);
        var valid = false;
        foreach (var authToken in authTokens)
        {
            foreach (var candidate in PortVariants(url))
            {
                valid |= CryptographicOperations.FixedTimeEquals(Hash(authToken, candidate + suffix), given);
            }
        }

        return valid;
    }

    /// <summary>
    /// As <see cref="IsValid"/>, for a request whose body is not a form: the URL carries the body's hash as <c>bodySHA256</c>.
    /// </summary>
    public static bool IsValidBody(IReadOnlyList<string> authTokens, string url, ReadOnlySpan<byte> body, string? signature)
    {
        const string Name = "bodySHA256=";

        var start = url.IndexOf(Name, StringComparison.Ordinal);
        if (start < 0)
        {
            return false;
        }

        var claimed = url.AsSpan(start + Name.Length);
        var end = claimed.IndexOfAny('&', '#');
        claimed = end < 0 ? claimed : claimed[..end];

        var actual = Convert.ToHexStringLower(SHA256.HashData(body));
        return claimed.Equals(actual, StringComparison.OrdinalIgnoreCase) && IsValid(authTokens, url, [], signature);
    }

    /// <summary>What stands behind the URL in the signed text: names and values, sorted, with nothing between them.</summary>
    /// <remarks>One text can be cut into names and values in several ways, so whoever trusts a signature still has to check the fields.</remarks>
    public static string Concatenate(IEnumerable<KeyValuePair<string, string>> parameters) =>
        string.Concat(parameters
            .Distinct()
            .OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
            .ThenBy(parameter => parameter.Value, StringComparer.Ordinal)
            .Select(parameter => parameter.Key + parameter.Value));

    private static bool TryDecode(string? signature, Span<byte> hash) =>
        signature is { Length: 28 } && Convert.TryFromBase64String(signature, hash, out var length) && length == hash.Length
        // Base64's last letter has two bits to spare, and .NET ignores them: four texts for one hash, of which Twilio sends one.
        && signature == Convert.ToBase64String(hash);

    // SHA-1 is Twilio's choice; within an HMAC its known collisions do not matter.
    private static byte[] Hash(string authToken, string text) =>
        HMACSHA1.HashData(Encoding.UTF8.GetBytes(authToken), Encoding.UTF8.GetBytes(text));

    // "Sig generation on back end is inconsistent" about ports (comment in twilio-node, -python and -csharp). Text, not Uri: case counts.
    private static IEnumerable<string> PortVariants(string url)
    {
        yield return url;

        var host = url.IndexOf("://", StringComparison.Ordinal) + 3;
        if (host < 3)
        {
            yield break;
        }

        var end = url.AsSpan(host).IndexOfAny('/', '?', '#') is >= 0 and var length ? host + length : url.Length;
        host += url.AsSpan(host, end - host).LastIndexOf('@') + 1;

        // A colon within an IPv6 address's brackets does not begin a port.
        var colon = url.AsSpan(host, end - host).LastIndexOf(':');
        if (colon >= 0 && colon > url.AsSpan(host, end - host).LastIndexOf(']'))
        {
            yield return url.Remove(host + colon, end - host - colon);
        }
        else
        {
            var secure = url.StartsWith("https:", StringComparison.OrdinalIgnoreCase) || url.StartsWith("wss:", StringComparison.OrdinalIgnoreCase);
            yield return url.Insert(end, secure ? ":443" : ":80");
        }
    }
}
