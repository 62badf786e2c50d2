using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace VoiceAssistant.Webhook.PublicUrl;

/// <summary>How a webhook that asks PUBLIC_URL knows that it was answered by its own system, whichever replica that was.</summary>
/// <remarks>The answer is an HMAC under Twilio's auth token, which only this system has; Twilio's own signatures are made with SHA-1, so it is none of those.</remarks>
internal static class PublicUrlProof
{
    public const string NonceName = "VoiceAssistant-Nonce";
    public const string HeaderName = "VoiceAssistant-Proof";

    private const string Purpose = "VoiceAssistant answers at its public address\n";

    private const int NonceLength = 32;

    public static string CreateNonce() => RandomNumberGenerator.GetHexString(NonceLength, lowercase: true);

    /// <summary>Whatever a stranger sends costs no more than a few hashes.</summary>
    public static bool IsNonce(string? nonce) => nonce is { Length: NonceLength } && nonce.All(char.IsAsciiHexDigitLower);

    /// <returns>One for each token: during a rotation, whoever asks may have either.</returns>
    public static string Create(IEnumerable<string> authTokens, string nonce) =>
        string.Join(',', authTokens.Select(token => Base64Url.EncodeToString(Sign(token, nonce))));

    /// <param name="authTokens">Of which one suffices.</param>
    /// <param name="nonce">What was asked with.</param>
    /// <param name="proof">What came back.</param>
    public static bool IsValid(IEnumerable<string> authTokens, string nonce, string proof)
    {
        var given = proof.Split(',').Select(Encoding.ASCII.GetBytes).ToList();
        return authTokens.Select(token => Encoding.ASCII.GetBytes(Create([token], nonce))).Any(ours => given.Exists(theirs => CryptographicOperations.FixedTimeEquals(ours, theirs)));
    }

    private static byte[] Sign(string authToken, string nonce) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(authToken), Encoding.ASCII.GetBytes(Purpose + nonce));
}
