using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using VoiceAssistant.Calls.Signatures;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>A URL, a signature and a form, one a line: judged as a second validator judges them.</summary>
internal sealed partial class SignatureTarget : IFuzzTarget
{
    private const string AuthToken = "12345";

    private static readonly string[] AuthTokens = [AuthToken, "ü next"];

    private static readonly string[] Urls =
    [
        "https://voice.example/incoming-call", "https://voice.example:443/incoming-call", "https://user:pass@voice.example:8443/a?b=c", "http://localhost:5050/incoming-call",
        "https://[2001:db8::1]/call", "wss://voice.example/media-stream",
    ];

    public string Name => "signature";

    public IReadOnlyList<byte[]> Seeds { get; } = [.. Urls.SelectMany(url => FormSeeds.Bodies.Select(body =>
        FormSeeds.Bytes($"{url}\n{Sign(AuthToken, url, PlainForm.Read(FormSeeds.Bytes(body)))}\n{body}")))];

    public int MaxLength => 16 * 1024;

    public string Run(ReadOnlySpan<byte> input)
    {
        var lines = Encoding.UTF8.GetString(input).Split('\n', 3);
        var (url, signature, body) = (lines[0], lines.Length > 1 ? lines[1] : "", lines.Length > 2 ? lines[2] : "");
        var fields = PlainForm.Read(Encoding.UTF8.GetBytes(body));

        var valid = TwilioSignature.IsValid(AuthTokens, url, fields, signature);
        var signed = Variants(url).Any(variant => AuthTokens.Any(token => Sign(token, variant, fields) == signature));
        // Which port a URL has is a question only where it is one.
        FindingException.ThrowIf(valid != signed && (signed || Url().IsMatch(url)), valid ? "A forged signature is accepted." : "A genuine signature is refused.");
        FindingException.ThrowIf(!TwilioSignature.IsValid(AuthTokens, url, fields, TwilioSignature.Compute(AuthToken, url, fields)), "Its own signature is refused.");
        CheckBody(url, Encoding.UTF8.GetBytes(body));

        return $"{valid}, {(Url().IsMatch(url) ? "URL" : "no URL")}, {(fields.Length == 0 ? "no " : "")}fields, signature {(signature.Length is 28 ? "" : "not ")}of its length";
    }

    private static void CheckBody(string url, byte[] body)
    {
        var signedUrl = $"https://voice.example/?a={Uri.EscapeDataString(url)}&bodySHA256={Convert.ToHexStringLower(SHA256.HashData(body))}";
        var signature = Sign(AuthToken, signedUrl, []);
        FindingException.ThrowIf(!TwilioSignature.IsValidBody(AuthTokens, signedUrl, body, signature), "A genuine body is refused.");
        FindingException.ThrowIf(TwilioSignature.IsValidBody(AuthTokens, signedUrl, [.. body, 0], signature), "A forged body is accepted.");
        FindingException.ThrowIf(TwilioSignature.IsValidBody(AuthTokens, url, body, signature), "A body's signature is accepted for another URL.");
    }

    /// <summary>https://www.twilio.com/docs/usage/security#validating-requests, word by word.</summary>
    private static string Sign(string authToken, string url, IEnumerable<KeyValuePair<string, string>> fields)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, Encoding.UTF8.GetBytes(authToken));
        hmac.AppendData(Encoding.UTF8.GetBytes(url));
        foreach (var (name, values) in fields.GroupBy(field => field.Key, field => field.Value).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => (group.Key, group)))
        {
            foreach (var value in values.ToHashSet().Order(StringComparer.Ordinal))
            {
                hmac.AppendData(Encoding.UTF8.GetBytes(name));
                hmac.AppendData(Encoding.UTF8.GetBytes(value));
            }
        }

        return Convert.ToBase64String(hmac.GetHashAndReset());
    }

    private static IEnumerable<string> Variants(string url)
    {
        yield return url;
        if (Url().Match(url) is { Success: true } match)
        {
            var port = match.Groups["port"];
            yield return port.Success
                ? url.Remove(port.Index, port.Length)
                : url.Insert(port.Success ? port.Index : match.Groups["host"].Index + match.Groups["host"].Length, match.Groups["secure"].Success ? ":443" : ":80");
        }
    }

    [GeneratedRegex(@"^(?:(?<secure>https|wss)|http|ws)://(?:[A-Za-z0-9:.-]*@)?(?<host>[A-Za-z0-9.-]+|\[[0-9a-f:]+\])(?<port>:[0-9]+)?(?:[/?#]|\z)")]
    private static partial Regex Url();
}
