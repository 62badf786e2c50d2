using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace VoiceAssistant.Calls.Budgets;

/// <summary>Counts calls, minutes and dollars over all replicas, in Redis; the place of a call whose replica died frees itself.</summary>
/// <remarks>
/// <c>va:calls</c> and <c>va:calls:CALLER</c> hold CallSids with the second at which their lease ends, <c>va:hour:CALLER</c> those of the last hour with
/// the second at which they began, <c>va:day:DAY</c> the milliseconds and the millionths of a dollar of a day (UTC).
/// </remarks>
public sealed class CallBudgets(IConnectionMultiplexer redis, IOptions<BudgetOptions> options, IOptions<TwilioOptions> twilio, TimeProvider time)
{
    /// <summary>How often a live call is to renew its place.</summary>
    public static readonly TimeSpan RenewalInterval = TimeSpan.FromSeconds(10);

    // Two renewals may be lost.
    private static readonly TimeSpan Lease = 3 * RenewalInterval;

    // As long as a stream token: the stream opens by then, or never.
    private static readonly TimeSpan Reservation = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    private static readonly string ReserveScript = Read("reserve.lua");
    private static readonly string RenewScript = Read("renew.lua");

    private static readonly RedisKey Calls = "va:calls";
    private static readonly RedisKey Hour = "va:hour";
    private static readonly RedisKey Day = "va:day:";

    private readonly byte[] _callerKey = Encoding.UTF8.GetBytes(twilio.Value.AuthTokens[0]);

    /// <summary>Takes a place for a call that is about to be answered; once more for the same call, it is the same place.</summary>
    /// <param name="callSid">The call.</param>
    /// <param name="from">The caller's number, or the word that stands for a hidden one: all hidden callers are one.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="RedisException">Redis cannot be reached or refused.</exception>
    /// <exception cref="TimeoutException">Redis did not answer within 300 ms.</exception>
    public async Task<BudgetVerdict> ReserveAsync(string callSid, string from, CancellationToken cancellationToken)
    {
        var caller = Caller(from);
        var budget = options.Value;
        var verdict = await redis.GetDatabase().ScriptEvaluateAsync(
                ReserveScript,
                [Calls, Calls.Append(caller), Hour.Append(caller), Day],
                [
                    callSid, (long)Reservation.TotalSeconds,
                    budget.Calls, budget.CallsPerCaller, budget.CallsPerCallerPerHour, budget.MinutesPerDay, budget.DollarsPerDay,
                ],
                CommandFlags.DemandMaster)
            .WaitAsync(Patience, time, cancellationToken);

        return Enum.Parse<BudgetVerdict>((string)verdict!);
    }

    /// <summary>Keeps a live call's place for another 30 s and adds what it has cost since the last time.</summary>
    /// <inheritdoc cref="ReserveAsync" path="/exception"/>
    public Task RenewAsync(string callSid, string from, TimeSpan talked, decimal dollars, CancellationToken cancellationToken) =>
        UpdateAsync(callSid, from, Lease, talked, dollars, cancellationToken);

    /// <summary>Gives the place back and adds what the call has cost since the last time.</summary>
    /// <inheritdoc cref="ReserveAsync" path="/exception"/>
    public Task ReleaseAsync(string callSid, string from, TimeSpan talked, decimal dollars, CancellationToken cancellationToken) =>
        UpdateAsync(callSid, from, TimeSpan.Zero, talked, dollars, cancellationToken);

    private async Task UpdateAsync(string callSid, string from, TimeSpan lease, TimeSpan talked, decimal dollars, CancellationToken cancellationToken) =>
        await redis.GetDatabase().ScriptEvaluateAsync(
                RenewScript,
                [Calls, Calls.Append(Caller(from)), Day],
                [callSid, (long)lease.TotalSeconds, (long)talked.TotalMilliseconds, (long)(dollars * 1_000_000)],
                CommandFlags.DemandMaster)
            .WaitAsync(Patience, time, cancellationToken);

    // Who reads Redis must not learn who calls, and a plain hash of a number is found by trying all numbers.
    private string Caller(string from) => ":" + Convert.ToHexStringLower(HMACSHA256.HashData(_callerKey, Encoding.UTF8.GetBytes(from)).AsSpan(0, 16));

    private static string Read(string script)
    {
        using var stream = typeof(CallBudgets).Assembly.GetManifestResourceStream(typeof(CallBudgets), script)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
