using StackExchange.Redis;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Records;

public sealed class CallRecordsOnGarnetTests : CallRecordsTests<GarnetRedis>;

public sealed class CallRecordsOnRedisTests : CallRecordsTests<RestrictedRedis>;

public abstract class CallRecordsTests<TServer> : RedisTests<TServer> where TServer : ITestRedis, new()
{
    private readonly StreamGrant _call = TestGrant.New();

    [Fact, Trait("Proves", "T-R1")]
    public async Task Call_GetsNoSecondToken_OnceTheFirstIsUsed()
    {
        var first = await IssueAsync(_call);
        Assert.NotNull(await ConsumeAsync(first));

        Assert.Null(await IssueAsync(_call));
        Assert.Null(await IssueAsync(_call));
    }

    [Fact, Trait("Proves", "T-R2")]
    public async Task SecondToken_RevokesTheFirst_AndIsTheLast()
    {
        var first = await IssueAsync(_call);
        var second = await IssueAsync(_call);

        Assert.Null(await IssueAsync(_call));
        Assert.Null(await ConsumeAsync(first));
        Assert.Equal(_call with { Sequence = 2 }, await ConsumeAsync(second));
        Assert.Null(await IssueAsync(_call));
    }

    [Fact]
    public async Task Call_GetsNoSecondToken_OnceTheFirstHasExpired()
    {
        var first = await IssueAsync(_call);
        await Administrator.GetDatabase().KeyExpireAsync(StreamToken.Key(first!), DateTime.UtcNow.AddSeconds(-1));

        Assert.Null(await IssueAsync(_call));
    }

    [Fact, Trait("Proves", "T-R4")]
    public async Task Call_IsRemembered_WhenTheWebhookHasRestarted()
    {
        await ConsumeAsync(await IssueAsync(_call));

        var restarted = new CallRecords(await ConnectAsync(), Time, TestMeters.Tokens);

        Assert.Null(await restarted.IssueTokenAsync(_call, TestTimeout.Token));
    }

    [Fact, Trait("Proves", "T-R5")]
    public async Task Call_HasOneLiveTokenOfTwo_AmongAHundredReplaysAtOnce()
    {
        CallRecords[] webhooks = [Records, new(await ConnectAsync(), Time, TestMeters.Tokens)];

        for (var round = 0; round < 10; round++)
        {
            var call = TestGrant.New();
            var tokens = await Task.WhenAll(Enumerable.Range(0, 100).Select(replay =>
                Task.Run(() => webhooks[replay % webhooks.Length].IssueTokenAsync(call, TestTimeout.Token))));

            var issued = tokens.OfType<IssuedToken>().Select(token => token.Value).ToList();
            Assert.Equal(2, issued.Count);
            var grants = await Task.WhenAll(issued.Select(ConsumeAsync));
            Assert.Single(grants, grant => grant is not null);
        }
    }

    // The bridge takes the first token while the webhook replaces it: never both.
    [Fact, Trait("Proves", "T-R1"), Trait("Proves", "T-T5")]
    public async Task Call_HasOneStream_WhereATokenIsUsedAndReplacedAtOnce()
    {
        var bridge = new StreamTokens(await ConnectAsync(), Time, TestMeters.Tokens);

        for (var round = 0; round < 200; round++)
        {
            var call = TestGrant.New();
            var first = await IssueAsync(call);

            var consuming = bridge.ConsumeAsync(first!, TestTimeout.Token);
            var second = await IssueAsync(call);

            Assert.True(await consuming is null != second is null, $"Round {round}");
        }
    }

    [Fact]
    public async Task Calls_DoNotTouchEachOther()
    {
        var token = await IssueAsync(_call);
        var other = await IssueAsync();

        Assert.NotNull(await ConsumeAsync(token));
        Assert.NotNull(await ConsumeAsync(other));
    }

    [Fact, Trait("Proves", "T-C1")]
    public async Task Record_KeepsTheAttestationForADay_AndNoNumber()
    {
        var token = await IssueAsync(_call);
        var database = Administrator.GetDatabase();
        var key = $"va:call:{_call.CallSid}";

        var fields = (await database.HashGetAllAsync(key)).ToStringDictionary();
        Assert.Equal(
            new()
            {
                ["state"] = "minted",
                ["tokens"] = "1",
                ["token"] = (string)StreamToken.Key(token!)!,
                ["account"] = _call.AccountSid,
                ["verstat"] = "TN-Validation-Passed-A",
            },
            fields);
        Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromHours(23), TimeSpan.FromHours(24));

        await ConsumeAsync(token);
        Assert.Equal([key], await KeysAsync());
    }

    [Fact, Trait("Proves", "T-C1")]
    public async Task Attestation_ThatIsAbsent_StaysAbsent()
    {
        var call = _call with { Verstat = null };

        var grant = await ConsumeAsync(await IssueAsync(call));

        Assert.Null(grant?.Verstat);
        Assert.False(grant!.IsVerified);
    }

    [Fact]
    public async Task WarmUp_LeavesNothing()
    {
        await Records.WarmUpAsync(TestTimeout.Token);

        Assert.Empty(await KeysAsync());
    }

    private async Task<IEnumerable<string>> KeysAsync() =>
        (await Administrator.GetServers().Single().KeysAsync().ToListAsync(TestTimeout.Token)).Select(key => (string)key!);
}
