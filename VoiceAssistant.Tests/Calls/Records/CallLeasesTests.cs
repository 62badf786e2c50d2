using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Records;

public sealed class CallLeasesOnGarnetTests : CallLeasesTests<GarnetRedis>;

public sealed class CallLeasesOnRedisTests : CallLeasesTests<RestrictedRedis>;

public abstract class CallLeasesTests<TServer> : RedisTests<TServer> where TServer : ITestRedis, new()
{
    private readonly StreamGrant _first = TestGrant.New() with { Sequence = 1 };
    private StreamGrant Second => _first with { Sequence = 2 };
    private CallLeases Leases => new(Redis, Time);

    [Fact, Trait("Proves", "T-T6")]
    public async Task Lease_IsTakenOnce_ByStreamsWithOneToken()
    {
        Assert.NotNull(await Leases.TakeAsync(_first, TestTimeout.Token));

        Assert.Null(await Leases.TakeAsync(_first, TestTimeout.Token));
    }

    [Fact, Trait("Proves", "T-M7")]
    public async Task Lease_GoesToTheNewerToken_Only()
    {
        Assert.NotNull(await Leases.TakeAsync(_first, TestTimeout.Token));
        Assert.NotNull(await Leases.TakeAsync(Second, TestTimeout.Token));

        Assert.Null(await Leases.TakeAsync(_first, TestTimeout.Token));
        Assert.False(await Leases.RenewAsync(_first, TestLease.New, TestTimeout.Token));
        Assert.True(await Leases.RenewAsync(Second, TestLease.New, TestTimeout.Token));
    }

    [Fact]
    public async Task Lease_IsKept_ForThirtySecondsFromEachRenewal()
    {
        var key = $"va:live:{_first.CallSid}";
        await Leases.TakeAsync(_first, TestTimeout.Token);
        await Administrator.GetDatabase().KeyExpireAsync(key, TimeSpan.FromSeconds(5));

        Assert.True(await Leases.RenewAsync(_first, TestLease.New, TestTimeout.Token));

        Assert.InRange((await Administrator.GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromSeconds(5.1), TimeSpan.FromSeconds(30));
    }

    // A Redis that was down has forgotten it; the call goes on and takes it again.
    [Fact, Trait("Proves", "R8")]
    public async Task Lease_IsTakenAgain_WhereItWasLost()
    {
        await Leases.TakeAsync(_first, TestTimeout.Token);
        await Administrator.GetDatabase().KeyDeleteAsync($"va:live:{_first.CallSid}");

        Assert.True(await Leases.RenewAsync(_first, TestLease.New, TestTimeout.Token));
        Assert.Null(await Leases.TakeAsync(_first, TestTimeout.Token));
    }

    [Fact]
    public async Task Lease_SaysSinceWhenTheCallHasBeenGoingOn()
    {
        Assert.Equal(TimeSpan.Zero, (await Leases.TakeAsync(_first, TestTimeout.Token))!.Age);
        var began = DateTimeOffset.UtcNow.AddMinutes(-10).ToUnixTimeMilliseconds();
        await Administrator.GetDatabase().HashSetAsync($"va:call:{_first.CallSid}", "began", began);

        Assert.InRange((await Leases.TakeAsync(Second, TestTimeout.Token))!.Age, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(12));
        Assert.Equal(began, await Administrator.GetDatabase().HashGetAsync($"va:call:{_first.CallSid}", "began"));
    }

    [Fact]
    public async Task Leases_AreOfOneCall()
    {
        Assert.NotNull(await Leases.TakeAsync(_first, TestTimeout.Token));
        Assert.NotNull(await Leases.TakeAsync(TestGrant.New() with { Sequence = 1 }, TestTimeout.Token));
    }
}
