using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using VoiceAssistant.Calls.Redis;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Calls.Budgets;

/// <summary>Counts calls, minutes and dollars over all replicas, in Redis; the place of a call whose replica died frees itself.</summary>
/// <remarks>
/// <c>va:calls</c> and <c>va:calls:CALLER</c> hold CallSids with the second at which their lease ends, <c>va:hour:CALLER</c> those of the last hour with
/// the second at which they began, <c>va:day:DAY</c> the milliseconds and the millionths of a dollar of a day (UTC).
/// </remarks>
public sealed class CallBudgets(IConnectionMultiplexer redis, IOptions<BudgetOptions> options, IOptions<TwilioOptions> twilio, TimeProvider time)
{
    /// <summary>How often a live call is to renew its place.</summary>
    public static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(10);

    // Two renewals may be lost.
    private static readonly TimeSpan Lease = 3 * RenewInterval;

    private static readonly RedisKey Calls = "va:calls";
    private static readonly RedisKey Hour = "va:hour";

    // KEYS: all calls, the caller's, those of the caller's last hour, the day. ARGV: the call, the lease's seconds, the five limits.
    // Of all clocks only Redis's is the same for every replica. A call that asks again keeps the place that it has.
    private const string ReserveScript =
        """
        local calls, caller, hour, day = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
        local now = tonumber(redis.call('TIME')[1])
        redis.call('ZREMRANGEBYSCORE', calls, '-inf', now)
        redis.call('ZREMRANGEBYSCORE', caller, '-inf', now)
        redis.call('ZREMRANGEBYSCORE', hour, '-inf', now - 3600)

        local function reached(limit, used)
            return limit > 0 and used >= limit
        end

        if not redis.call('ZSCORE', calls, ARGV[1]) then
            if reached(ARGV[7] * 1000000, tonumber(redis.call('HGET', day, 'microdollars') or 0)) then return 'DollarsOfDay' end
            if reached(ARGV[6] * 60000, tonumber(redis.call('HGET', day, 'milliseconds') or 0)) then return 'MinutesOfDay' end
            if reached(tonumber(ARGV[5]), redis.call('ZCARD', hour)) then return 'CallsOfCallerInAnHour' end
            if reached(tonumber(ARGV[4]), redis.call('ZCARD', caller)) then return 'CallsOfCaller' end
            if reached(tonumber(ARGV[3]), redis.call('ZCARD', calls)) then return 'Calls' end
            redis.call('ZADD', hour, now, ARGV[1])
            redis.call('EXPIRE', hour, 3600)
        end

        redis.call('ZADD', calls, now + ARGV[2], ARGV[1])
        redis.call('ZADD', caller, now + ARGV[2], ARGV[1])
        redis.call('EXPIRE', calls, 60)
        redis.call('EXPIRE', caller, 60)
        return 'Granted'
        """;

    // KEYS: all calls, the caller's, the day. ARGV: the call, the lease's seconds (0 gives the place back), the milliseconds and millionths of a dollar to add.
    private const string SpendScript =
        """
        local lease = tonumber(ARGV[2])
        local now = tonumber(redis.call('TIME')[1])
        for i = 1, 2 do
            if lease > 0 then
                redis.call('ZADD', KEYS[i], now + lease, ARGV[1])
                redis.call('EXPIRE', KEYS[i], 60)
            else
                redis.call('ZREM', KEYS[i], ARGV[1])
            end
        end

        redis.call('HINCRBY', KEYS[3], 'milliseconds', ARGV[3])
        redis.call('HINCRBY', KEYS[3], 'microdollars', ARGV[4])
        redis.call('EXPIRE', KEYS[3], 172800)
        return 1
        """;

    private readonly byte[] _callerKey = Encoding.UTF8.GetBytes(twilio.Value.AuthTokens[0]);
    private readonly RedisValue[] _limits = [.. options.Value.Limits.Select(limit => (RedisValue)limit!.Value)];

    /// <summary>Takes a place for a call that is about to be answered; a call that asks once more keeps its place.</summary>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public async Task<BudgetVerdict> ReserveAsync(StreamGrant call, CancellationToken cancellationToken)
    {
        var verdict = await redis.GetDatabase()
            .ScriptEvaluateAsync(
                ReserveScript,
                Keys(call),
                [call.CallSid, (int)StreamToken.Lifetime.TotalSeconds, .. _limits],
                CommandFlags.DemandMaster | CommandFlags.NoScriptCache)
            .WithinPatience(time, cancellationToken);

        return Enum.Parse<BudgetVerdict>((string)verdict!);
    }

    /// <summary>Keeps a live call's place for another 30 s, and adds what the call has cost since it was last told.</summary>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public Task RenewAsync(StreamGrant call, TimeSpan talked, decimal dollars, CancellationToken cancellationToken) =>
        SpendAsync(call, Lease, talked, dollars, cancellationToken);

    /// <summary>Gives the call's place back, and adds what the call has cost since it was last told.</summary>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public Task ReleaseAsync(StreamGrant call, TimeSpan talked, decimal dollars, CancellationToken cancellationToken) =>
        SpendAsync(call, TimeSpan.Zero, talked, dollars, cancellationToken);

    /// <summary>All that may be counted of a call.</summary>
    internal RedisKey[] Keys(StreamGrant call)
    {
        var caller = Caller(call);
        return [Calls, Calls.Append(caller), Hour.Append(caller), Today()];
    }

    private Task<RedisResult> SpendAsync(StreamGrant call, TimeSpan lease, TimeSpan talked, decimal dollars, CancellationToken cancellationToken) =>
        redis.GetDatabase()
            .ScriptEvaluateAsync(
                SpendScript,
                [Calls, Calls.Append(Caller(call)), Today()],
                [call.CallSid, (int)lease.TotalSeconds, (long)talked.TotalMilliseconds, (long)(dollars * 1_000_000)],
                CommandFlags.DemandMaster | CommandFlags.NoScriptCache)
            .WithinPatience(time, cancellationToken);

    // A second more or less of a day does not matter, and a script must name its keys before it can ask for the time.
    private RedisKey Today() => "va:day:" + time.GetUtcNow().ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    // Who reads Redis must not learn who calls, and a plain hash of a number is found by trying all numbers.
    private string Caller(StreamGrant call) =>
        ":" + Convert.ToHexStringLower(HMACSHA256.HashData(_callerKey, Encoding.UTF8.GetBytes(call.From)).AsSpan(0, 16));
}
