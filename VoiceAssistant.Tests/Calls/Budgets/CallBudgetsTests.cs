using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Budgets;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Budgets;

public sealed class CallBudgetsOnGarnetTests : CallBudgetsTests<GarnetRedis>;

public sealed class CallBudgetsOnRedisTests : CallBudgetsTests<RestrictedRedis>;

public abstract class CallBudgetsTests<TServer> : RedisTests<TServer> where TServer : ITestRedis, new()
{
    private const string Ada = "+15550100001";
    private const string Bob = "+15550100002";

    private int _calls;

    [Fact, Trait("Proves", "T-B3")]
    public async Task Calls_NeverExceedTheLimit_WhenManyComeAtOnce()
    {
        var budgets = Create(new() { Calls = "20" });

        var verdicts = await Task.WhenAll(Enumerable.Range(0, 200).Select(caller => ReserveAsync(budgets, $"+1555{caller:0000000}")));

        Assert.Equal(20, verdicts.Count(verdict => verdict is BudgetVerdict.Granted));
        Assert.Equal(180, verdicts.Count(verdict => verdict is BudgetVerdict.Calls));
    }

    [Fact]
    public async Task Caller_IsRefusedAThirdCall_WhileTwoAreLive()
    {
        var budgets = Create(new() { CallsOfCaller = "2" });

        Assert.Equal(BudgetVerdict.Granted, await ReserveAsync(budgets, Ada));
        Assert.Equal(BudgetVerdict.Granted, await ReserveAsync(budgets, Ada));
        Assert.Equal(BudgetVerdict.CallsOfCaller, await ReserveAsync(budgets, Ada));
        Assert.Equal(BudgetVerdict.Granted, await ReserveAsync(budgets, Bob));
    }

    [Fact]
    public async Task Caller_IsRefused_AfterTheHoursCalls()
    {
        var budgets = Create(new() { CallsOfCaller = "0", CallsOfCallerInAnHour = "3" });
        for (var call = 0; call < 3; call++)
        {
            Assert.Equal(BudgetVerdict.Granted, await budgets.ReserveAsync(Call($"CA{call}", Ada), TestTimeout.Token));
            await budgets.ReleaseAsync(Call($"CA{call}", Ada), TimeSpan.FromSeconds(1), 0, TestTimeout.Token);
        }

        Assert.Equal(BudgetVerdict.CallsOfCallerInAnHour, await ReserveAsync(budgets, Ada));
        Assert.Equal(BudgetVerdict.Granted, await ReserveAsync(budgets, Bob));
    }

    [Fact]
    public async Task Place_IsTheSame_WhenACallAsksAgain()
    {
        var budgets = Create(new() { Calls = "1", CallsOfCallerInAnHour = "1" });

        Assert.Equal(BudgetVerdict.Granted, await budgets.ReserveAsync(Call("CA1", Ada), TestTimeout.Token));
        Assert.Equal(BudgetVerdict.Granted, await budgets.ReserveAsync(Call("CA1", Ada), TestTimeout.Token));
        Assert.Equal(BudgetVerdict.Calls, await budgets.ReserveAsync(Call("CA2", Bob), TestTimeout.Token));
    }

    [Fact]
    public async Task Place_IsFree_AfterTheCall()
    {
        var budgets = Create(new() { Calls = "1" });
        await budgets.ReserveAsync(Call("CA1", Ada), TestTimeout.Token);

        await budgets.ReleaseAsync(Call("CA1", Ada), TimeSpan.Zero, 0, TestTimeout.Token);

        Assert.Equal(BudgetVerdict.Granted, await budgets.ReserveAsync(Call("CA2", Ada), TestTimeout.Token));
    }

    [Fact, Trait("Proves", "T-B3")]
    public async Task Place_FreesItself_WhenNobodyRenewsIt()
    {
        var budgets = Create(new() { Calls = "1" });
        await budgets.ReserveAsync(Call("CA1", Ada), TestTimeout.Token);
        await budgets.RenewAsync(Call("CA1", Ada), TimeSpan.Zero, 0, TestTimeout.Token);

        // What a replica that was killed leaves behind; Redis's clock cannot be turned, so the entry is.
        var lease = await Administrator.GetDatabase().SortedSetScoreAsync("va:calls", "CA1");
        Assert.InRange(lease!.Value - DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 1, 35);
        await Administrator.GetDatabase().SortedSetIncrementAsync("va:calls", "CA1", -31);

        Assert.Equal(BudgetVerdict.Granted, await budgets.ReserveAsync(Call("CA2", Bob), TestTimeout.Token));
    }

    [Theory, Trait("Proves", "T-B4")]
    [InlineData(60, 0, BudgetVerdict.MinutesOfDay)]
    [InlineData(59, 0, BudgetVerdict.Granted)]
    [InlineData(0, 1.0, BudgetVerdict.DollarsOfDay)]
    [InlineData(0, 0.999999, BudgetVerdict.Granted)]
    public async Task Day_IsSpent_AtItsBudget(int seconds, double dollars, BudgetVerdict expected)
    {
        var budgets = Create(new() { MinutesOfDay = "1", DollarsOfDay = "1" });

        // In pieces, as calls report it.
        for (var piece = 0; piece < 10; piece++)
        {
            await budgets.RenewAsync(Call("CA1", Ada), TimeSpan.FromSeconds(seconds) / 10, (decimal)dollars / 10, TestTimeout.Token);
        }

        Assert.Equal(expected, await budgets.ReserveAsync(Call("CA2", Bob), TestTimeout.Token));
    }

    [Fact]
    public async Task Nothing_IsRefused_WithoutLimits()
    {
        var budgets = Create(new() { Calls = "0", CallsOfCaller = "0", CallsOfCallerInAnHour = "0", MinutesOfDay = "0", DollarsOfDay = "0" });
        await budgets.RenewAsync(Call("CA0", Ada), TimeSpan.FromDays(1), 1_000_000, TestTimeout.Token);

        for (var call = 0; call < 30; call++)
        {
            Assert.Equal(BudgetVerdict.Granted, await ReserveAsync(budgets, Ada));
        }
    }

    [Fact]
    public async Task Number_DoesNotStandInRedis()
    {
        await ReserveAsync(Create(new()), Ada);

        var server = Administrator.GetServers()[0];
        var keys = server.Keys().Select(key => (string)key!).ToArray();
        Assert.NotEmpty(keys);
        Assert.DoesNotContain(keys, key => key.Contains(Ada[1..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task EveryKey_Expires()
    {
        var budgets = Create(new());
        await budgets.ReserveAsync(Call("CA1", Ada), TestTimeout.Token);
        await budgets.RenewAsync(Call("CA1", Ada), TimeSpan.FromSeconds(1), 1, TestTimeout.Token);

        foreach (var key in Administrator.GetServers()[0].Keys())
        {
            Assert.NotNull(await Administrator.GetDatabase().KeyTimeToLiveAsync(key));
        }
    }

    private static StreamGrant Call(string callSid, string from) => TestGrant.Of(callSid) with { From = from };

    private CallBudgets Create(BudgetOptions options) =>
        new(Redis, Options.Create(options), Options.Create(new TwilioOptions { AuthToken = "0123456789abcdef0123456789abcdef" }), Time);

    private Task<BudgetVerdict> ReserveAsync(CallBudgets budgets, string from) =>
        budgets.ReserveAsync(Call($"CA{Interlocked.Increment(ref _calls)}", from), TestTimeout.Token);
}
