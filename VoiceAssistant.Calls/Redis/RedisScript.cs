using StackExchange.Redis;

namespace VoiceAssistant.Calls.Redis;

/// <summary>A Lua script that lies beside a type, as a resource of the assembly.</summary>
internal sealed class RedisScript(Type beside, string name)
{
    private readonly string _text = Read(beside, name);

    /// <param name="redis">Where it runs, in one go.</param>
    /// <param name="keys">All keys that it may touch.</param>
    /// <param name="arguments">The rest.</param>
    public Task<RedisResult> EvaluateAsync(IConnectionMultiplexer redis, RedisKey[] keys, params RedisValue[] arguments) =>
        // EVAL every time: a Redis that was restarted knows no script, and asking again would cost the caller's patience.
        redis.GetDatabase().ScriptEvaluateAsync(_text, keys, arguments, CommandFlags.DemandMaster | CommandFlags.NoScriptCache);

    private static string Read(Type beside, string name)
    {
        using var stream = beside.Assembly.GetManifestResourceStream(beside, name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
