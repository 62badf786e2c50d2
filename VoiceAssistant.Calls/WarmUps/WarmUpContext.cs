using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using StackExchange.Redis.KeyspaceIsolation;
using VoiceAssistant.Calls.Budgets;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Calls.WarmUps;

/// <summary>Where one call of a warm-up is held.</summary>
/// <param name="Url">Where the service that is warmed up listens; nothing else knows the address.</param>
/// <param name="AuthToken">What its requests are signed with.</param>
/// <param name="Services">That service's own.</param>
public sealed record WarmUpContext(Uri Url, string AuthToken, IServiceProvider Services)
{
    /// <summary>As Twilio would see that service.</summary>
    public const string PublicUrl = "https://warmup.example";

    // DEL within a script: the user in redis/users.acl may do no more.
    private const string ForgetScript = "for _, key in ipairs(KEYS) do redis.call('DEL', key) end return 1";

    /// <summary>A call that Twilio never had.</summary>
    public StreamGrant Call { get; } = new(
        "CA" + RandomNumberGenerator.GetHexString(32, lowercase: true), "AC" + new string('0', 32), "+15550100001", "+15550100002", "TN-Validation-Passed-A");

    /// <summary>The service's Redis, but with keys that no call has.</summary>
    internal static IConnectionMultiplexer Redis(IConnectionMultiplexer redis)
    {
        var database = redis.GetDatabase().WithKeyPrefix($"va:warmup:{RandomNumberGenerator.GetHexString(16, lowercase: true)}:");
        return Interceptor.Create<IConnectionMultiplexer>((method, arguments) =>
            method.Name is nameof(IConnectionMultiplexer.GetDatabase) ? database : method.Invoke(redis, arguments));
    }

    // A record prints its members, and one of these is a secret.
    public override string ToString() => nameof(WarmUpContext);

    /// <summary>Deletes all that is kept of the call.</summary>
    internal async Task ForgetAsync() => await Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().ScriptEvaluateAsync(
        ForgetScript,
        [
            CallRecords.Key(Call.CallSid), CallLeases.Key(Call.CallSid), Conversations.Key(Call.CallSid), AwaitedStreams.Key,
            .. Services.GetRequiredService<CallBudgets>().Keys(Call),
        ],
        flags: CommandFlags.DemandMaster | CommandFlags.NoScriptCache);
}
