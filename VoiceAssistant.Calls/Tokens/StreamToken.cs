using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace VoiceAssistant.Calls.Tokens;

/// <summary>The secret that admits one media stream: 32 random bytes in Base64Url without padding.</summary>
internal static class StreamToken
{
    public const int Length = 43;

    // Twilio opens the stream within a second or two of reading the TwiML.
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private const int Entropy = 32;

    private static readonly RedisKey Prefix = "va:tok:";

    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Entropy));

    // Base64Url.IsValid would let blanks and padding pass.
    public static bool IsWellFormed(string token) => token.Length == Length && !token.AsSpan().ContainsAnyExcept(Alphabet);

    // Only the hash is stored: who reads Redis (a dump, a replica, MONITOR) cannot use what stands there.
    public static RedisKey Key(string token) => Prefix.Append(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token))));
}
