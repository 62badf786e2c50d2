using StackExchange.Redis;

namespace VoiceAssistant.Local.Chaos;

/// <summary>What a process held before its first call, and holds after its last.</summary>
internal sealed record ProcessUse(string Name, Footprint Before, Footprint After, int? Calls);

/// <summary>What is left when all calls are over.</summary>
internal sealed record Remains(IReadOnlyList<ProcessUse> Processes, IReadOnlyList<string> Keys)
{
    // Redis's two, the model's warm one, and what a check of health leaves open.
    private const int MoreSockets = 4;

    private const int MoreThreads = 10;

    // What code and its pools take once they were used, some twenty calls at once included; the same again after another twenty minutes is a leak.
    private const long MoreMemory = 100L * 1024 * 1024;

    // What was said, who has the call, and who is waited for.
    private static readonly string[] Patterns = ["va:said:*", "va:live:*", "va:awaited"];

    public IEnumerable<string> Leaks()
    {
        foreach (var process in Processes)
        {
            if (process.Calls is > 0 and var calls)
            {
                yield return $"{process.Name} still holds {calls} calls";
            }

            if (process.After.Sockets > process.Before.Sockets + MoreSockets)
            {
                yield return $"{process.Name} has {process.After.Sockets} sockets, {process.Before.Sockets} before its first call";
            }

            if (process.After.Threads > process.Before.Threads + MoreThreads)
            {
                yield return $"{process.Name} has {process.After.Threads} threads, {process.Before.Threads} before its first call";
            }

            if (process.After.Memory > process.Before.Memory + MoreMemory)
            {
                yield return $"{process.Name} holds {process.After.Memory >> 20} MB, {process.Before.Memory >> 20} before its first call";
            }
        }

        foreach (var key in Keys)
        {
            yield return $"Redis still has {key}";
        }
    }

    public static async Task<Remains> ReadAsync(ChaosSystem system, CancellationToken cancellationToken)
    {
        var processes = new List<ProcessUse>
        {
            new(system.WebhookProcess.Name, system.WebhookBefore, Footprint.Of(system.WebhookProcess.Id), Calls: null),
        };
        foreach (var bridge in system.Bridges.Serving)
        {
            processes.Add(new(
                bridge.Process.Name, bridge.Before, Footprint.Of(bridge.Process.Id), await system.Bridges.CallsOfAsync(bridge, cancellationToken)));
        }

        return new(processes, await KeysAsync(system.RedisAddress));
    }

    /// <returns>Those of the calls whose record says that they are over.</returns>
    public static async Task<IReadOnlySet<string>> EndedAsync(string address, IEnumerable<string> callSids)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(address);
        var ended = new HashSet<string>();
        foreach (var callSid in callSids)
        {
            if (await redis.GetDatabase().HashGetAsync($"va:call:{callSid}", "state") == "ended")
            {
                ended.Add(callSid);
            }
        }

        return ended;
    }

    private static async Task<IReadOnlyList<string>> KeysAsync(string address)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(address);
        var server = redis.GetServers().Single();
        return [.. Patterns.SelectMany(pattern => server.Keys(pattern: pattern)).Select(key => $"{key}")];
    }
}
