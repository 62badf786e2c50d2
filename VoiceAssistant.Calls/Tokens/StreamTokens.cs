using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using StackExchange.Redis;

namespace VoiceAssistant.Calls.Tokens;

/// <summary>Single-use tokens: each admits one media stream of one answered call.</summary>
public sealed class StreamTokens(IConnectionMultiplexer redis, TimeProvider time, TokenMetrics metrics)
{
    /// <summary>Characters of a token: 32 random bytes in Base64Url without padding.</summary>
    public const int Length = 43;

    private const int Entropy = 32;

    // Twilio opens the stream within a second or two of reading the TwiML.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    // A caller is waiting; Redis answers in well under a millisecond or not at all.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    private static readonly RedisKey Prefix = "va:tok:";

    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    // Of the right form, and nobody's.
    private static readonly string NoToken = new('A', Length);

    private readonly PresentedTokens _presented = new();

    /// <exception cref="RedisException">Redis cannot be reached or refused.</exception>
    /// <exception cref="TimeoutException">Redis did not answer within 300 ms.</exception>
    public async Task<string> IssueAsync(string callSid, string accountSid, CancellationToken cancellationToken)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Entropy));
        var grant = JsonSerializer.SerializeToUtf8Bytes(
            new StreamGrant(callSid, accountSid, time.GetUtcNow(), Activity.Current?.Id), StreamGrantJson.Default.StreamGrant);

        var stored = await redis.GetDatabase()
            .StringSetAsync(Key(token), grant, Lifetime, When.NotExists, CommandFlags.DemandMaster)
            .WaitAsync(Patience, time, cancellationToken);

        if (!stored)
        {
            throw new RedisException("A fresh token was already there.");
        }

        metrics.Minted();
        return token;
    }

    /// <summary>Uses the token up, whatever the answer is worth to the asker.</summary>
    /// <returns>What the token was issued for; null if it is malformed, unknown, expired or already used.</returns>
    /// <remarks>
    /// GETDEL is atomic, so of any number of sockets racing with one token exactly one wins. It is never retried: one that timed out
    /// may still have run.
    /// </remarks>
    /// <inheritdoc cref="IssueAsync" path="/exception"/>
    public async Task<StreamGrant?> ConsumeAsync(string token, CancellationToken cancellationToken)
    {
        // A malformed token costs no command. Base64Url.IsValid would let blanks and padding pass.
        if (token.Length != Length || token.AsSpan().ContainsAnyExcept(Alphabet))
        {
            return null;
        }

        var key = Key(token);
        var isNew = _presented.Add(key);
        var grant = await TakeAsync(key, cancellationToken);
        if (grant.IsNull)
        {
            if (isNew)
            {
                metrics.Expired();
            }
            else
            {
                metrics.Replayed();
            }

            return null;
        }

        metrics.Consumed();
        return JsonSerializer.Deserialize((byte[])grant!, StreamGrantJson.Default.StreamGrant);
    }

    /// <summary>Goes once the way of a token, so that the first caller does not wait for what is slow only once.</summary>
    /// <inheritdoc cref="IssueAsync" path="/exception"/>
    internal Task WarmUpAsync(CancellationToken cancellationToken) => TakeAsync(Key(NoToken), cancellationToken);

    private Task<RedisValue> TakeAsync(RedisKey key, CancellationToken cancellationToken) =>
        redis.GetDatabase().StringGetDeleteAsync(key, CommandFlags.DemandMaster).WaitAsync(Patience, time, cancellationToken);

    // Only the hash is stored: who reads Redis (a dump, a replica, MONITOR) cannot use what stands there.
    private static RedisKey Key(string token) => Prefix.Append(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token))));
}
