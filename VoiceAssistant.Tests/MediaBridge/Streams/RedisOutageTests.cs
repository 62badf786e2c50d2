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

    [Fact, Trait("Proves", "R8")]
    public async Task Calls_GoOn_AndAreCounted_WhenRedisIsBack()
    {
        RedisServer.Require();
        var redis = await RedisServer.StartAsync();
        await using var model = await FakeRealtimeServer.StartAsync();
        var time = new FakeTimeProvider();
        await using var bridge = await BridgeHost.StartAsync(model.Url, time, [new("ConnectionStrings:redis", redis.ConnectionString)]);
        var calls = new List<(FakeTwilioStream Caller, FakeRealtimeSession Model)>();
        for (var call = 0; call < Calls; call++)
        {
            var caller = await bridge.CallAsync(TestGrant.NewCallSid());
            var session = await model.AcceptConfiguredAsync();
            await session.GreetAsync(caller);
            calls.Add((caller, session));
        }

        await redis.DisposeAsync();
        var passed = TimeSpan.Zero;
        for (; passed < Outage; passed += Step)
        {
            await PassAsync();
        }

        await using var back = await RedisServer.StartAsync(redis.Port);
        for (var end = TestTimeout.Token; await CountedAsync() < Calls; end.ThrowIfCancellationRequested(), passed += Step)
        {
            await PassAsync();
        }

        foreach (var (caller, _) in calls)
        {
            await caller.StopAsync();
            await caller.ReceiveCloseAsync();
        }

        for (var end = TestTimeout.Token; await CountedAsync() > 0;)
        {
            await Task.Delay(10, end);
        }

        var day = await bridge.Redis.HashGetAsync($"va:day:{time.GetUtcNow():yyyyMMdd}", "milliseconds");
        Assert.Equal((long)(Calls * passed).TotalMilliseconds, (long)day);
        Assert.Equal(Calls, bridge.Log.Lines.Count(line => line.Contains("[CallEnded]", StringComparison.Ordinal) && line.Contains("(caller_left)", StringComparison.Ordinal)));
        foreach (var (caller, _) in calls)
        {
            await caller.DisposeAsync();
        }

        // Each caller is heard by the model, then some time passes.
        async Task PassAsync()
        {
            foreach (var (caller, session) in calls)
            {
                await caller.SendAsync($$$"""{"event":"media","streamSid":"{{{FakeTwilioStream.StreamSid}}}","media":{"payload":"Qg=="}}""");
                while ((string?)(await session.ReceiveAsync("input_audio_buffer.append"))["audio"] is not "Qg==")
                {
                }
            }

            time.Advance(Step);
        }

        async Task<long> CountedAsync()
        {
            try
            {
                return await bridge.Redis.SortedSetLengthAsync("va:calls");
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                return 0;
            }
        }
    }
}
