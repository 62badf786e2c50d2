using StackExchange.Redis;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Tokens;

public sealed class StreamTokensOnGarnetTests : StreamTokensTests<GarnetRedis>;

public sealed class StreamTokensOnRedisTests : StreamTokensTests<RestrictedRedis>;

public abstract class StreamTokensTests<TServer> : RedisTests<TServer> where TServer : ITestRedis, new()
{
    [Fact, Trait("Proves", "T-T4")]
    public async Task Token_IsConsumedOnce()
    {
        var grant = TestGrant.New();
        var token = await IssueAsync(grant);

        Assert.Equal(grant with { Sequence = 1 }, await ConsumeAsync(token));
        Assert.Null(await ConsumeAsync(token));
    }

    [Fact, Trait("Proves", "T-T4")]
    public async Task Token_HasExactlyOneWinner_AmongManyConsumers()
    {
        StreamTokens[] bridges = [Tokens, new(await ConnectAsync(), Time, TestMeters.Tokens)];

        for (var round = 0; round < 20; round++)
        {
            var token = await IssueAsync();
            var grants = await Task.WhenAll(Enumerable.Range(0, 64).Select(consumer =>
                Task.Run(() => bridges[consumer % bridges.Length].ConsumeAsync(token!, TestTimeout.Token))));

            Assert.Single(grants, grant => grant is not null);
        }
    }

    [Fact]
    public async Task Token_IsRefused_WhenUnknown()
    {
        Assert.Null(await ConsumeAsync(new string('A', StreamToken.Length)));
        Assert.Equal(1, Proxy.Count("va:tok:"));
    }

    [Theory, Trait("Proves", "T-T1")]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA   ")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA\r\n\tAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\u00E9")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\uFF21")]
    public async Task Token_CostsNoCommand_WhenMalformed(string token)
    {
        Assert.Null(await ConsumeAsync(token));

        await Redis.GetDatabase().PingAsync();
        Assert.Equal(0, Proxy.Count("va:tok:"));
    }

    // A promoted replica that has not heard of the consumption, in small: the token is there again.
    [Fact, Trait("Proves", "T-T6")]
    public async Task Token_IsRefusedByTheReplicaThatTookIt_WhenRedisGivesItOutAgain()
    {
        var token = await IssueAsync();
        var key = StreamToken.Key(token!);
        var value = await Administrator.GetDatabase().StringGetAsync(key);
        Assert.NotNull(await ConsumeAsync(token));

        Time.Advance(TimeSpan.FromSeconds(119));
        await Administrator.GetDatabase().StringSetAsync(key, value);
        Assert.Null(await ConsumeAsync(token));

        Time.Advance(TimeSpan.FromSeconds(1));
        await Administrator.GetDatabase().StringSetAsync(key, value);
        Assert.NotNull(await ConsumeAsync(token));
    }

    [Fact, Trait("Proves", "T-T10")]
    public async Task Token_LivesAtMostAMinute()
    {
        var token = await IssueAsync();

        var lifetime = await Administrator.GetDatabase().KeyTimeToLiveAsync(StreamToken.Key(token!));

        Assert.NotNull(lifetime);
        Assert.InRange(lifetime.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(60));
    }

    [Fact, Trait("Proves", "T-T10")]
    public async Task Token_IsRefused_WhenExpired()
    {
        var token = await IssueAsync();
        Assert.True(await Administrator.GetDatabase().KeyExpireAsync(StreamToken.Key(token!), DateTime.UtcNow.AddSeconds(-1)));

        Assert.Null(await ConsumeAsync(token));
    }

    [Fact, Trait("Proves", "T-T2")]
    public async Task Token_NeverReachesRedis()
    {
        var grant = TestGrant.New();
        var token = await IssueAsync(grant);
        var keys = await Administrator.GetServers().Single().KeysAsync().ToArrayAsync(TestTimeout.Token);
        await ConsumeAsync(token);

        Assert.Equal(
            [$"va:call:{grant.CallSid}", (string)StreamToken.Key(token!)!], keys.Select(key => (string)key!).Order(StringComparer.Ordinal));
        Assert.Equal(0, Proxy.Count(token!));
    }

    [Fact, Trait("Proves", "T-T1")]
    public void Tokens_AreUnguessable()
    {
        var tokens = Enumerable.Range(0, 100_000).Select(_ => StreamToken.Create()).ToArray();

        Assert.Equal(tokens.Length, tokens.Distinct().Count());
        Assert.All(tokens, token => Assert.Matches(@"\A[A-Za-z0-9_-]{43}\z", token));
        // 256 bits in 43 characters: the last one carries four.
        Assert.Equal(64, tokens.Select(token => token[0]).Distinct().Count());
        Assert.Equal(16, tokens.Select(token => token[^1]).Distinct().Count());
    }

    [Fact]
    public async Task Asking_IsGivenUp_WhenTheCallerIsGone()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Tokens.ConsumeAsync(new string('A', StreamToken.Length), gone.Token));
    }
}
