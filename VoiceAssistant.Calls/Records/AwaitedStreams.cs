using System.Globalization;
using StackExchange.Redis;
using VoiceAssistant.Calls.Redis;

namespace VoiceAssistant.Calls.Records;

/// <summary>Calls whose next stream is waited for, or to hear that they have theirs still. They stand in Redis, as whoever waits may be gone before that.</summary>
/// <remarks>The sorted set <c>va:awaited</c>: what is waited for of which stream of which call, and by when others should have heard of it, by Redis's clock.</remarks>
internal sealed class AwaitedStreams(IConnectionMultiplexer redis, TimeProvider time)
{
    // What others left behind is not urgent.
    private const int MaxAtOnce = 100;

    public static readonly RedisKey Key = "va:awaited";

    private static readonly RedisScript AddScript = new(typeof(AwaitedStreams), "await.lua");
    private static readonly RedisScript OverdueScript = new(typeof(AwaitedStreams), "overdue.lua");

    public Task AddAsync(RedisValue stream, TimeSpan wait) =>
        AddScript.EvaluateAsync(redis, [Key], stream, (long)wait.TotalMilliseconds).WithinPatience(time, CancellationToken.None);

    public async Task<RedisValue[]> OverdueAsync() =>
        (RedisValue[])(await OverdueScript.EvaluateAsync(redis, [Key], MaxAtOnce).WithinPatience(time, CancellationToken.None))!;

    public static RedisValue Format(string callSid, int sequence, Awaited awaited) => string.Create(CultureInfo.InvariantCulture, $"{callSid} {sequence} {(int)awaited}");

    /// <summary>Of a call that has its stream, whichever that is.</summary>
    public static RedisValue Renewal(string callSid) => Format(callSid, CallEnds.AnyStream, Awaited.Renewal);

    /// <inheritdoc cref="Renewal"/>
    public static RedisValue LateRenewal(string callSid) => Format(callSid, CallEnds.AnyStream, Awaited.LateRenewal);

    public static (string CallSid, int Sequence, Awaited Awaited)? TryParse(RedisValue stream) =>
        ((string?)stream)?.Split(' ') is [var callSid, var sequence, var awaited]
        && int.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && int.TryParse(awaited, NumberStyles.None, CultureInfo.InvariantCulture, out var which)
            ? (callSid, number, (Awaited)which)
            : null;
}
