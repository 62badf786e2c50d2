using StackExchange.Redis;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Redis;

/// <summary>The user of redis/users.acl; that the services can work as this user is what the suites on RestrictedRedis show.</summary>
[Trait("Proves", "T-S5")]
public sealed class RedisUsersTests : RedisTests<RestrictedRedis>
{
    [Theory]
    [InlineData("KEYS", "*")]
    [InlineData("SCAN", "0")]
    [InlineData("CONFIG", "GET", "*")]
    [InlineData("MONITOR")]
    [InlineData("FLUSHALL")]
    [InlineData("ACL", "LIST")]
    [InlineData("CLIENT", "LIST")]
    [InlineData("HGETALL", "va:call:CA1")]
    [InlineData("GET", "other")]
    [InlineData("SET", "other", "1")]
    [InlineData("GETDEL", "other")]
    [InlineData("EVAL", "return redis.call('GET', KEYS[1])", "1", "other")]
    [InlineData("EVAL", "return redis.call('GET', 'other')", "0")]
    [InlineData("EVAL", "return redis.call('KEYS', '*')", "0")]
    public async Task Services_MayNotAskForMore(string command, params string[] arguments)
    {
        var exception = await Assert.ThrowsAsync<RedisServerException>(() => Redis.GetDatabase().ExecuteAsync(command, arguments));

        Assert.Matches("NOPERM|No permissions|can't (run|access)", exception.Message);
    }

    [Fact]
    public async Task Strangers_AreNobody()
    {
        var options = ConfigurationOptions.Parse(Proxy.ConnectionString);
        options.AbortOnConnectFail = true;

        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(options));
    }

    [Fact]
    public async Task Webhook_TakesCalls_AndIsHealthy()
    {
        await using var webhook = await WebhookHost.StartAsync(ServiceConnection);

        using var call = await webhook.SendAsync(TwilioRequest.NewCall());
        Assert.Contains("<Stream", await call.Content.ReadAsStringAsync(TestTimeout.Token), StringComparison.Ordinal);
        using var health = await webhook.Client.GetAsync(new Uri("/health", UriKind.Relative), TestTimeout.Token);
        Assert.Equal("Healthy", await health.Content.ReadAsStringAsync(TestTimeout.Token));
    }
}
