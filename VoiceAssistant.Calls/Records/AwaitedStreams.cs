using System.Globalization;
using StackExchange.Redis;
using VoiceAssistant.Calls.Redis;

namespace VoiceAssistant.Calls.Records;

/// <summary>Calls whose next stream is waited for. They stand in Redis, as whoever waits may be gone before they come or are over.</summary>
/// <remarks>The sorted set <c>va:awaited</c>: which stream of which call, by when others should have heard of it.</remarks>
internal sealed class AwaitedStreams(IConnectionMultiplexer redis, TimeProvider time)
{
    // What others left behind is not urgent.
    private const int MaxAtOnce = 100;

    public static readonly RedisKey Key = "va:awaited";

    public Task AddAsync(RedisValue stream, TimeSpan wait) => redis.GetDatabase()
        .SortedSetAddAsync(Key, stream, (time.GetUtcNow() + wait).ToUnixTimeMilliseconds(), CommandFlags.DemandMaster)
        .WithinPatience(time, CancellationToken.None);

    public Task<RedisValue[]> OverdueAsync() => redis.GetDatabase()
        .SortedSetRangeByScoreAsync(Key, stop: time.GetUtcNow().ToUnixTimeMilliseconds(), take: MaxAtOnce, flags: CommandFlags.DemandMaster)
        .WithinPatience(time, CancellationToken.None);

    public static RedisValue Format(string callSid, int sequence, int awaited) => string.Create(CultureInfo.InvariantCulture, $"{callSid} {sequence} {awaited}");

    public static (string CallSid, int Sequence, int Awaited)? TryParse(RedisValue stream) =>
        ((string?)stream)?.Split(' ') is [var callSid, var sequence, var awaited]
        && int.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && int.TryParse(awaited, NumberStyles.None, CultureInfo.InvariantCulture, out var which)
            ? (callSid, number, which)
            : null;
}
