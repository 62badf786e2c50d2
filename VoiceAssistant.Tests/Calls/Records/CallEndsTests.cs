using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Redis;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Local.Chaos;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Records;

public sealed class CallEndsOnGarnetTests : CallEndsTests<GarnetRedis>;

public sealed class CallEndsOnRedisTests : CallEndsTests<RestrictedRedis>;

public abstract class CallEndsTests<TServer> : RedisTests<TServer> where TServer : ITestRedis, new()
{
    private const string Awaited = "va:awaited";

    private static readonly TimeSpan Abandoned = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan Overdue = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);
    private static readonly byte[] Said = Encoding.UTF8.GetBytes("""{"turns":[]}""");

    private readonly LogRecorder _log = new();
    private readonly StreamGrant _call = TestGrant.New();

    private RedisValue Renewal => $"{_call.CallSid} {int.MaxValue} 5";
    private CallLeases Leases => new(Redis, Time);
    private Conversations Conversations => new(Redis, Time);
    private CallContinuations Continuations => new(Redis, Time, TestMeters.Tokens);
    private IEnumerable<string> EndRecords => _log.Lines.Where(line => line.Contains($"Call {_call.CallSid} is over", StringComparison.Ordinal));

    [Fact, Trait("Proves", "R15")]
    public async Task Call_EndsOnce_WhoeverSaysSo_AndHasNoFurtherStream()
    {
        using var ends = Ends();
        using var others = Ends();
        await LiveAsync(_call);
        var grant = await ConsumeAsync((await ContinueAsync(1)).Token!.Value);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(end =>
            (end % 2 == 0 ? ends : others).EndAsync(_call.CallSid, CallEnds.AnyStream, CallEndReason.CallerLeft)));

        Assert.Contains("(caller_left)", Assert.Single(EndRecords), StringComparison.Ordinal);
        Assert.Null(await Leases.TakeAsync(grant!, TestTimeout.Token));
        Assert.Equal(ContinuationVerdict.Ended, (await ContinueAsync(2)).Verdict);
    }

    [Fact, Trait("Proves", "T-P5")]
    public async Task Call_LeavesNothingOfWhatWasSaid_WhoeverComesLate()
    {
        using var ends = Ends();
        var database = Administrator.GetDatabase();
        var first = await LiveAsync(_call);
        Assert.True(await Conversations.SaveAsync(first, Said, TestTimeout.Token));
        Assert.InRange((await database.KeyTimeToLiveAsync($"va:said:{_call.CallSid}"))!.Value, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));

        await ends.EndAsync(_call.CallSid, 1, CallEndReason.CallerLeft);

        Assert.False(await Conversations.SaveAsync(first, Said, TestTimeout.Token));
        Assert.False(await Conversations.HandOverAsync(first, Said, TestTimeout.Token));
        Assert.False(await database.KeyExistsAsync($"va:said:{_call.CallSid}"));
    }

    [Fact]
    public async Task StreamThatWasFollowed_NeitherEndsTheCallNorWritesForIt()
    {
        using var ends = Ends();
        var first = await LiveAsync(_call);
        await TakeAsync(await ContinueAsync(1));

        await ends.EndAsync(_call.CallSid, 1, CallEndReason.CallerLeft);

        Assert.False(await Conversations.SaveAsync(first, Said, TestTimeout.Token));
        Assert.Empty(EndRecords);
    }

    // Its token may not have been used yet: whoever has captured the request about it gets no other.
    [Fact, Trait("Proves", "T-R1")]
    public async Task CallThatEndedBeforeItsStream_GetsNoOther()
    {
        using var ends = Ends();
        await IssueAsync(_call);

        await ends.EndAsync(_call.CallSid, CallEnds.AnyStream, CallEndReason.CallerLeft);

        Assert.Null(await IssueAsync(_call));
        Assert.Single(EndRecords);
    }

    [Fact, Trait("Proves", "R15")]
    public async Task CallWhoseNextStreamDoesNotCome_IsOver()
    {
        using var ends = Ends();
        var first = await LiveAsync(_call);
        await Conversations.HandOverAsync(first, Said, TestTimeout.Token);
        ends.EndUnlessResumed(_call.CallSid, 1);

        Time.Advance(Abandoned);

        await _log.WaitForAsync($"Call {_call.CallSid} is over (caller_lost)");
    }

    // Found by chaos: the bridge that had handed it over had stopped, the webhook was killed, and the caller had hung up meanwhile.
    [Fact, Trait("Proves", "R15")]
    public async Task CallWhoseNextStreamDoesNotCome_IsOver_ThoughWhoeverWaitedForItHasStopped()
    {
        using var ends = Ends();
        using var others = Ends();
        var first = await LiveAsync(_call);
        await Conversations.HandOverAsync(first, Said, TestTimeout.Token);
        ends.EndUnlessResumed(_call.CallSid, 1);
        await AwaitedAsync();

        await ends.CompleteAsync(TestTimeout.Token);
        await others.EndForgottenAsync();
        Assert.Empty(EndRecords);

        await PassAsync(Overdue);
        await others.EndForgottenAsync();
        Assert.Contains("(caller_lost)", Assert.Single(EndRecords), StringComparison.Ordinal);
        Assert.False(await Administrator.GetDatabase().KeyExistsAsync(Awaited));
    }

    [Fact, Trait("Proves", "R20")]
    public async Task CallThatIsBetweenTwoStreams_IsLeftAlone_WhereAnothersClockIsFast()
    {
        using var ends = Ends();
        var first = await LiveAsync(_call);
        await Conversations.HandOverAsync(first, Said, TestTimeout.Token);
        ends.EndUnlessResumed(_call.CallSid, 1);
        await AwaitedAsync();

        using var fast = Ends(time: new FakeTimeProvider(Time.GetUtcNow() + TimeSpan.FromMinutes(2)));
        await fast.EndForgottenAsync();

        Assert.Empty(EndRecords);
        Assert.Equal(ContinuationVerdict.Issued, (await ContinueAsync(1)).Verdict);
    }

    // Nobody has noted anything: whoever heard of its stream was killed, too.
    [Fact, Trait("Proves", "R13")]
    public async Task CallWhoseBridgeIsGone_IsOver_ThoughNobodyWaitsForItsNextStream()
    {
        using var others = Ends();
        await LiveAsync(_call);
        await PassAsync(Overdue);
        await Administrator.GetDatabase().KeyDeleteAsync($"va:live:{_call.CallSid}");

        await others.EndForgottenAsync();
        Assert.Empty(EndRecords);

        await PassAsync(Grace);
        await others.EndForgottenAsync();
        Assert.Contains("(caller_lost)", Assert.Single(EndRecords), StringComparison.Ordinal);
        Assert.False(await Administrator.GetDatabase().KeyExistsAsync(Awaited));
    }

    // Whoever handed it over waits for that.
    [Fact, Trait("Proves", "R13")]
    public async Task CallThatIsBetweenTwoStreams_IsLeftAlone_ThoughItsLeaseWasNotRenewedForLong()
    {
        using var others = Ends();
        var first = await LiveAsync(_call);
        await PassAsync(Overdue);
        await Administrator.GetDatabase().KeyDeleteAsync($"va:live:{_call.CallSid}");
        await others.EndForgottenAsync();
        await Conversations.HandOverAsync(first, Said, TestTimeout.Token);

        await PassAsync(Grace);
        await others.EndForgottenAsync();

        Assert.Empty(EndRecords);
        Assert.Equal(ContinuationVerdict.Issued, (await ContinueAsync(1)).Verdict);
    }

    [Theory, Trait("Proves", "R8")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CallWhoseBridgeIsThere_IsLeftAlone_AlsoWhereRedisWasAwayForLong(bool wasAway)
    {
        using var others = Ends();
        var grant = await LiveAsync(_call);
        await PassAsync(Overdue);
        if (wasAway)
        {
            await Administrator.GetDatabase().KeyDeleteAsync($"va:live:{_call.CallSid}");
            await others.EndForgottenAsync();
        }

        Assert.True(await Leases.RenewAsync(grant, TestLease.New, TestTimeout.Token));
        await PassAsync(Grace);
        await others.EndForgottenAsync();

        Assert.Empty(EndRecords);
        Assert.Equal([Renewal], await Administrator.GetDatabase().SortedSetRangeByRankAsync(Awaited));
    }

    [Fact]
    public async Task CallThatIsOver_IsNotWaitedFor_ThoughItsLeaseIsRenewedJustThen()
    {
        using var ends = Ends();
        var grant = await LiveAsync(_call);

        await ends.EndAsync(_call.CallSid, 1, CallEndReason.CallerLeft);
        await Leases.RenewAsync(grant, TestLease.New, TestTimeout.Token);

        Assert.False(await Administrator.GetDatabase().KeyExistsAsync(Awaited));
    }

    [Fact]
    public async Task CallWhoseNextStreamHasCome_IsNotWaitedForAnyMore_AndLeftAlone()
    {
        using var ends = Ends();
        using var others = Ends();
        await LiveAsync(_call);
        var awaited = Administrator.GetDatabase();
        await awaited.SortedSetAddAsync(Awaited, [new($"{_call.CallSid} 1 1", 0), new("what is this", 0)]);

        await others.EndForgottenAsync();

        Assert.Empty(EndRecords);
        Assert.Equal(["what is this", Renewal], await awaited.SortedSetRangeByRankAsync(Awaited));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    // Found by chaos: it was over long ago, and said so.
    [InlineData(true, true)]
    public async Task Call_IsLeftAlone_WhereItHasItsStream_OrRedisDoesNotKnow(bool isForgotten, bool evenLive)
    {
        using var ends = Ends();
        await LiveAsync(_call);
        if (evenLive)
        {
            ends.EndUnlessRescued(_call.CallSid, 1);
        }
        else
        {
            ends.EndUnlessBegun(_call.CallSid, 1);
        }

        var other = TestGrant.New();
        await IssueAsync(other);
        ends.EndUnlessBegun(other.CallSid, 1);
        if (isForgotten)
        {
            await Administrator.GetDatabase().KeyDeleteAsync($"va:call:{_call.CallSid}");
        }

        Time.Advance(Abandoned);

        await _log.WaitForAsync($"Call {other.CallSid} is over (caller_lost)");
        Assert.Empty(EndRecords);
    }

    // Found by chaos: its stream broke 75 s after its call was answered, and the call was over at once.
    [Fact, Trait("Proves", "R13")]
    public async Task CallThatIsBetweenTwoStreams_IsLeftAlone_ThoughItsFirstTokenIsForgottenJustThen()
    {
        using var ends = Ends();
        var first = await LiveAsync(_call);
        ends.EndUnlessBegun(_call.CallSid, 1);
        var other = TestGrant.New();
        await IssueAsync(other);
        ends.EndUnlessBegun(other.CallSid, 1);
        await Conversations.HandOverAsync(first, Said, TestTimeout.Token);

        Time.Advance(Abandoned);

        await _log.WaitForAsync($"Call {other.CallSid} is over (caller_lost)");
        Assert.Empty(EndRecords);
        Assert.Equal(ContinuationVerdict.Issued, (await ContinueAsync(1)).Verdict);
    }

    // Twilio was told to ask about it, and did not.
    [Fact, Trait("Proves", "R28")]
    public async Task CallWhoseStreamBroke_IsOver_ThoughTheRecordSaysThatItIsLive()
    {
        using var ends = Ends();
        await LiveAsync(_call);
        ends.EndUnlessRescued(_call.CallSid, 1);

        Time.Advance(Abandoned);

        await _log.WaitForAsync($"Call {_call.CallSid} is over (caller_lost)");
    }

    // Found by chaos: a bridge that had drained took with it what it had to write.
    [Fact, Trait("Proves", "R8")]
    public async Task EndThatCouldNotBeWritten_IsTriedOnceMore_BeforeTheServiceStops()
    {
        await using var way = new ChaosProxy(IPEndPoint.Parse(Proxy.ConnectionString), TimeProvider.System, new Random(1));
        using var ends = Ends(await ConnectAsync(ServiceConnection.Replace(Proxy.ConnectionString, $"{way.EndPoint}", StringComparison.Ordinal)));
        await LiveAsync(_call);
        way.Weather = new Weather { BlackHole = true };
        var ending = ends.EndAsync(_call.CallSid, 1, CallEndReason.CallerLeft);
        Time.Advance(RedisPatience.Value);
        await ending;
        // The second try, too; the third would come in five seconds.
        Time.Advance(RedisPatience.Value);
        for (var end = TestTimeout.Token; _log.Lines.Count(line => line.Contains("[NotWritten]", StringComparison.Ordinal)) < 2;)
        {
            await Task.Delay(10, end);
        }

        way.Weather = Weather.Fair;

        await ends.CompleteAsync(TestTimeout.Token);

        Assert.Contains("(caller_left)", Assert.Single(EndRecords), StringComparison.Ordinal);
    }

    private CallEnds Ends(IConnectionMultiplexer? redis = null, TimeProvider? time = null) => new(
        redis ?? Redis, time ?? Time, new RecordMetrics(new TestMeters()),
        LoggerFactory.Create(logging => logging.AddProvider(_log).SetMinimumLevel(LogLevel.Trace)).CreateLogger<CallEnds>());

    private async Task AwaitedAsync()
    {
        for (var end = TestTimeout.Token; await Administrator.GetDatabase().SortedSetScoreAsync(Awaited, $"{_call.CallSid} 1 2") is null;)
        {
            await Task.Delay(10, end);
        }
    }

    // Redis's clock cannot be set.
    private async Task PassAsync(TimeSpan time)
    {
        foreach (var stream in await Administrator.GetDatabase().SortedSetRangeByRankAsync(Awaited))
        {
            await Administrator.GetDatabase().SortedSetDecrementAsync(Awaited, stream, time.TotalMilliseconds);
        }
    }

    private async Task<StreamGrant> LiveAsync(StreamGrant call)
    {
        var grant = await ConsumeAsync(await IssueAsync(call));
        Assert.NotNull(await Leases.TakeAsync(grant!, TestTimeout.Token));
        return grant!;
    }

    private async Task TakeAsync(Continuation next) =>
        Assert.NotNull(await Leases.TakeAsync((await ConsumeAsync(next.Token!.Value))!, TestTimeout.Token));

    private Task<Continuation> ContinueAsync(int sequence) => Continuations.ContinueAsync(_call with { Sequence = sequence, Verstat = null }, isRescue: false, TestTimeout.Token);
}
