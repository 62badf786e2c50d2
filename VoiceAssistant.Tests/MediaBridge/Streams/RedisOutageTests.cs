using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

/// <summary>Redis goes away under calls that run.</summary>
public sealed class RedisOutageTests
{
    private const int Calls = 20;

    private static readonly TimeSpan Outage = TimeSpan.FromMinutes(2);

    // Less than a message may take to be sent, and than a caller may be silent.
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();

    [Fact, Trait("Proves", "R8")]
    public async Task Calls_GoOn_AndAreCounted_WhenRedisIsBack()
    {
        RedisServer.Require();
        var redis = await RedisServer.StartAsync();
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var bridge = await BridgeHost.StartAsync(
            model.Url,
            _time,
            [new("ConnectionStrings:redis", redis.ConnectionString)],
            // As the services have it: until then no other connection is tried.
            options => options.ConnectTimeout = 1000);
        await HappensAsync(() => bridge.Redis.Multiplexer.IsConnected);
        var began = _time.GetTimestamp();
        var calls = new List<(FakeTwilioStream Caller, FakeRealtimeSession Model)>();
        for (var call = 0; call < Calls; call++)
        {
            var caller = await bridge.CallAsync(TestGrant.NewCallSid());
            var session = await model.AcceptConfiguredAsync();
            await session.GreetAsync(caller);
            calls.Add((caller, session));
        }

        await redis.DisposeAsync();
        while (_time.GetElapsedTime(began) < Outage)
        {
            await PassAsync(calls);
        }

        await using var back = await RedisServer.StartAsync(redis.Port);
        for (var end = TestTimeout.Token; await CountAsync(bridge.Redis) < Calls; end.ThrowIfCancellationRequested())
        {
            await PassAsync(calls);
        }

        var talked = _time.GetElapsedTime(began);
        foreach (var (caller, _) in calls)
        {
            await caller.StopAsync();
        }

        await _time.AdvanceUntilAsync(() => bridge.Log.Lines.Count(line => line.Contains("is over (caller_left)", StringComparison.Ordinal)) == Calls);
        for (var end = TestTimeout.Token; await CountAsync(bridge.Redis) > 0; await Task.Delay(10, end))
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        // Also what could not be told during the outage.
        var day = (long)await bridge.Redis.HashGetAsync($"va:day:{_time.GetUtcNow():yyyyMMdd}", "milliseconds");
        Assert.InRange(TimeSpan.FromMilliseconds(day), Calls * talked, Calls * _time.GetElapsedTime(began));
        foreach (var (caller, _) in calls)
        {
            await caller.DisposeAsync();
        }
    }

    /// <summary>Each caller is heard by the model, then some time passes.</summary>
    private async Task PassAsync(List<(FakeTwilioStream Caller, FakeRealtimeSession Model)> calls)
    {
        foreach (var (caller, session) in calls)
        {
            await caller.SendAsync($$$"""{"event":"media","streamSid":"{{{FakeTwilioStream.StreamSid}}}","media":{"payload":"Qg=="}}""");
            while ((string?)(await session.ReceiveAsync("input_audio_buffer.append"))["audio"] is not "Qg==")
            {
            }
        }

        _time.Advance(Step);
    }

    private static async Task<long> CountAsync(IDatabase redis)
    {
        try
        {
            return await redis.SortedSetLengthAsync("va:calls");
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return 0;
        }
    }

    private static async Task HappensAsync(Func<bool> hasHappened)
    {
        for (var end = TestTimeout.Token; !hasHappened();)
        {
            await Task.Delay(10, end);
        }
    }
}
