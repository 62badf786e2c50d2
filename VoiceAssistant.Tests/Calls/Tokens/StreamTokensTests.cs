using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using VoiceAssistant.Calls.Redis;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Tokens;

/// <summary>What must hold on every server that speaks Redis's protocol.</summary>
public abstract class StreamTokensTests : IAsyncLifetime
{
    private const string CallSid = "CA0123456789abcdef0123456789abcdef";
    private const string AccountSid = "AC0123456789abcdef0123456789abcdef";

    // Stands still, so that no patience is lost on a busy machine.
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private RecordingProxy _proxy = null!;
    private ConnectionMultiplexer _redis = null!;
    private StreamTokens _tokens = null!;

    public async ValueTask InitializeAsync()
    {
        _proxy = new RecordingProxy(await StartServerAsync());
        _redis = await ConnectAsync(_proxy.ConnectionString);
        _tokens = new StreamTokens(_redis, _time, new TokenMetrics(new TestMeters()));
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
            _proxy.Dispose();
        }

        await StopServerAsync();
        GC.SuppressFinalize(this);
    }

    /// <returns>Where it listens.</returns>
    protected abstract Task<string> StartServerAsync();

    protected abstract ValueTask StopServerAsync();

    [Fact]
    public async Task Token_IsConsumedOnce()
    {
        var token = await IssueAsync();

        Assert.Equal(new StreamGrant(CallSid, AccountSid, _time.GetUtcNow()), await ConsumeAsync(token));
        Assert.Null(await ConsumeAsync(token));
    }

    [Fact]
    public async Task Token_IsIndependent_OfOthersOfTheSameCall()
    {
        var first = await IssueAsync();
        var second = await IssueAsync();

        Assert.NotNull(await ConsumeAsync(first));
        Assert.NotNull(await ConsumeAsync(second));
    }

    [Fact]
    public async Task Token_HasExactlyOneWinner_AmongManyConsumers()
    {
        await using var other = await ConnectAsync(_proxy.ConnectionString);
        StreamTokens[] bridges = [_tokens, new(other, _time, new TokenMetrics(new TestMeters()))];

        for (var round = 0; round < 20; round++)
        {
            var token = await IssueAsync();
            var grants = await Task.WhenAll(Enumerable.Range(0, 64).Select(consumer =>
                Task.Run(() => bridges[consumer % bridges.Length].ConsumeAsync(token, TestTimeout.Token))));

            Assert.Single(grants, grant => grant is not null);
        }
    }

    [Fact]
    public async Task Token_IsRefused_WhenUnknown()
    {
        Assert.Null(await ConsumeAsync(new string('A', StreamTokens.Length)));
        Assert.Equal(1, _proxy.Count("va:tok:"));
    }

    [Theory]
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

        await _redis.GetDatabase().PingAsync();
        Assert.Equal(0, _proxy.Count("va:tok:"));
    }

    [Fact]
    public async Task Token_LivesAtMostAMinute()
    {
        var token = await IssueAsync();

        var lifetime = await _redis.GetDatabase().KeyTimeToLiveAsync(Key(token));

        Assert.NotNull(lifetime);
        Assert.InRange(lifetime.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Token_IsRefused_WhenExpired()
    {
        var token = await IssueAsync();
        Assert.True(await _redis.GetDatabase().KeyExpireAsync(Key(token), DateTime.UtcNow.AddSeconds(-1)));

        Assert.Null(await ConsumeAsync(token));
    }

    [Fact]
    public async Task Token_NeverReachesRedis()
    {
        var token = await IssueAsync();
        var keys = await _redis.GetServers().Single().KeysAsync().ToArrayAsync(TestTimeout.Token);
        var value = (string?)await _redis.GetDatabase().StringGetAsync(Key(token));
        await ConsumeAsync(token);

        Assert.Equal([Key(token)], keys);
        Assert.Contains(CallSid, value, StringComparison.Ordinal);
        Assert.Equal(0, _proxy.Count(token));
    }

    [Fact]
    public async Task Tokens_AreUnguessable()
    {
        var tokens = await Task.WhenAll(Enumerable.Range(0, 10_000).Select(_ => IssueAsync()));

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

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _tokens.ConsumeAsync(new string('A', StreamTokens.Length), gone.Token));
    }

    private static Task<ConnectionMultiplexer> ConnectAsync(string server)
    {
        var options = new RedisOptions { ConnectionString = server }.Parse();
        options.AsyncTimeout = (int)TestTimeout.Value.TotalMilliseconds;
        return ConnectionMultiplexer.ConnectAsync(options);
    }

    private static RedisKey Key(string token) => "va:tok:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));

    private Task<string> IssueAsync() => _tokens.IssueAsync(CallSid, AccountSid, TestTimeout.Token);

    private Task<StreamGrant?> ConsumeAsync(string token) => _tokens.ConsumeAsync(token, TestTimeout.Token);
}
