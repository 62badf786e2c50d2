using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Tokens;

public sealed class RedisOutageTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private RedisServer? _server;
    private ConnectionMultiplexer _redis = null!;
    private CallRecords _records = null!;
    private StreamTokens _tokens = null!;

    public async ValueTask InitializeAsync()
    {
        RedisServer.Require();
        _server = await RedisServer.StartAsync();

        // The client's own patience must not end before the one that is tested.
        var options = TestRedis.Patient(_server.ConnectionString);
        options.AllowAdmin = true;
        _redis = await ConnectionMultiplexer.ConnectAsync(options);
        _records = new CallRecords(_redis, _time, TestMeters.Tokens);
        _tokens = new StreamTokens(_redis, _time, TestMeters.Tokens);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            // The client would wait for the answers of a frozen server.
            await _server.DisposeAsync();
            await _redis.DisposeAsync();
        }
    }

    [Fact, Trait("Proves", "T-T7")]
    public async Task Consuming_TimesOutAndIsNotRepeated_WhenRedisIsFrozen()
    {
        var token = (await _records.IssueTokenAsync(TestGrant.New(), TestTimeout.Token))?.Value;
        _server!.Freeze();

        var consuming = _tokens.ConsumeAsync(token!, TestTimeout.Token);
        _time.Advance(TimeSpan.FromMilliseconds(299));
        Assert.False(consuming.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => consuming);

        // The command was on its way: it runs, once, and the token is spent.
        _server.Thaw();
        Assert.Null(await _tokens.ConsumeAsync(token!, TestTimeout.Token));
        var statistics = await _redis.GetServers().Single().InfoAsync("commandstats");
        var runs = statistics.Single().Single(command => command.Key == "cmdstat_getdel").Value;
        Assert.StartsWith("calls=2,", runs, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issuing_TimesOut_WhenRedisIsFrozen()
    {
        _server!.Freeze();

        var issuing = _records.IssueTokenAsync(TestGrant.New(), TestTimeout.Token);
        _time.Advance(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAsync<TimeoutException>(() => issuing);
    }

    [Fact]
    public async Task Asking_FailsAtOnce_WhenRedisIsDead()
    {
        var lost = new TaskCompletionSource();
        _redis.ConnectionFailed += (_, failure) =>
        {
            if (failure.ConnectionType is ConnectionType.Interactive)
            {
                lost.TrySetResult();
            }
        };
        var token = (await _records.IssueTokenAsync(TestGrant.New(), TestTimeout.Token))?.Value;
        await _server!.StopAsync();
        await lost.Task.WaitAsync(TestTimeout.Token);

        Task[] asking = [_tokens.ConsumeAsync(token!, TestTimeout.Token), _records.IssueTokenAsync(TestGrant.New(), TestTimeout.Token)];

        // Nothing is kept for later.
        Assert.All(asking, task => Assert.IsType<RedisConnectionException>(task.Exception?.InnerException));
    }
}
