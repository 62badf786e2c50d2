using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Local.Chaos;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Records;

public sealed class CallContinuationsOnGarnetTests : CallContinuationsTests<GarnetRedis>;

public sealed class CallContinuationsOnRedisTests : CallContinuationsTests<RestrictedRedis>;

public abstract class CallContinuationsTests<TServer> : RedisTests<TServer> where TServer : ITestRedis, new()
{
    private static readonly byte[] Said = Encoding.UTF8.GetBytes("""{"turns":[]}""");

    private readonly StreamGrant _call = TestGrant.New();
    private CallLeases Leases => new(Redis, Time);
    private Conversations Conversations => new(Redis, Time);
    private CallContinuations Continuations => new(Redis, Time, TestMeters.Tokens);
    private IDatabase Database => Administrator.GetDatabase();
    private string Key => $"va:call:{_call.CallSid}";

    [Fact, Trait("Proves", "R12")]
    public async Task CallThatWasHandedOver_GoesOn_WithWhatWasSaid()
    {
        var first = await LiveAsync();
        Assert.True(await Conversations.HandOverAsync(first, Said, TestTimeout.Token));

        var next = await ContinueAsync(1);

        Assert.Equal((ContinuationVerdict.Issued, 2), (next.Verdict, next.Token!.Sequence));
        var grant = await ConsumeAsync(next.Token.Value);
        Assert.Equal(_call with { Sequence = 2 }, grant);
        var lease = await Leases.TakeAsync(grant!, TestTimeout.Token);
        Assert.Equal((true, false, Encoding.UTF8.GetString(Said)), (lease!.IsContinuation, lease.WasCutOff, lease.Said));
        Assert.InRange(lease.Gap, TimeSpan.Zero, TestTimeout.Value);
    }

    // The lease of the stream that died is still there.
    [Fact, Trait("Proves", "R13")]
    public async Task CallThatCrashed_GoesOn_AndIsToldSo()
    {
        var first = await LiveAsync();
        Assert.True(await Conversations.SaveAsync(first, Said, TestTimeout.Token));

        var lease = await TakeAsync(await ContinueAsync(1));

        Assert.Equal((true, true, Encoding.UTF8.GetString(Said)), (lease!.IsContinuation, lease.WasCutOff, lease.Said));
    }

    [Fact, Trait("Proves", "R13")]
    public async Task QuestionAskedTwice_GetsAnotherTokenOfTheSameSequence_Once()
    {
        await LiveAsync();

        var first = await ContinueAsync(1);
        var second = await ContinueAsync(1);

        Assert.Equal((2, 2), (first.Token!.Sequence, second.Token!.Sequence));
        Assert.Null(await ConsumeAsync(first.Token.Value));
        Assert.Equal(ContinuationVerdict.Stale, (await ContinueAsync(1)).Verdict);
        Assert.NotNull(await TakeAsync(second));
    }

    [Fact, Trait("Proves", "R13")]
    public async Task QuestionAskedAHundredTimesAtOnce_HasOneAnswerThatAdmitsAStream()
    {
        CallContinuations[] webhooks = [Continuations, new(await ConnectAsync(), Time, TestMeters.Tokens)];
        await LiveAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(question =>
            Task.Run(() => webhooks[question % 2].ContinueAsync(_call with { Sequence = 1 }, TestTimeout.Token))));

        var issued = answers.Select(answer => answer.Token?.Value).OfType<string>().ToList();
        Assert.InRange(issued.Count, 1, 2);
        Assert.Single(await Task.WhenAll(issued.Select(ConsumeAsync)), grant => grant is { Sequence: 2 });
    }

    // THREATS 3.8: what was captured of an earlier stream is worth nothing while the call has another.
    [Fact, Trait("Proves", "T-R1")]
    public async Task OldQuestion_IsRefused_WhileTheNextStreamIsLive()
    {
        await LiveAsync();
        await TakeAsync(await ContinueAsync(1));

        Assert.Equal(ContinuationVerdict.Stale, (await ContinueAsync(1)).Verdict);
    }

    [Fact, Trait("Proves", "R6")]
    public async Task FirstStreamThatWasNotAdmitted_GetsOneMoreToken_AndNoThird()
    {
        var token = await IssueAsync(_call);
        await ConsumeAsync(token);

        var second = await ContinueAsync(1);

        Assert.Equal(2, second.Token!.Sequence);
        Assert.False((await TakeAsync(second))!.IsContinuation);
        var other = TestGrant.New();
        await IssueAsync(other);
        await Continuations.ContinueAsync(other with { Sequence = 1 }, TestTimeout.Token);
        Assert.Equal(ContinuationVerdict.Exhausted, (await Continuations.ContinueAsync(other with { Sequence = 2 }, TestTimeout.Token)).Verdict);
    }

    [Fact, Trait("Proves", "R27")]
    public async Task Call_IsResumedThreeTimes_ThoughNoBridgeTakesIt()
    {
        await LiveAsync();

        for (var sequence = 1; sequence <= 3; sequence++)
        {
            Assert.Equal(sequence + 1, (await ContinueAsync(sequence)).Token!.Sequence);
        }

        Assert.Equal(ContinuationVerdict.Exhausted, (await ContinueAsync(4)).Verdict);
    }

    [Fact, Trait("Proves", "R27")]
    public async Task Call_IsNotResumed_OnceItsGapsAreAMinute()
    {
        var first = await LiveAsync();
        await Conversations.HandOverAsync(first, Said, TestTimeout.Token);
        await Database.HashSetAsync(Key, "gap", 60_000);
        Assert.Equal(ContinuationVerdict.Exhausted, (await ContinueAsync(1)).Verdict);

        await Database.HashSetAsync(Key, "gap", 0);
        Assert.Equal(ContinuationVerdict.Issued, (await ContinueAsync(1)).Verdict);
    }

    [Fact]
    public async Task CallThatNobodyKnows_DoesNotGoOn()
    {
        Assert.Equal(ContinuationVerdict.Unknown, (await ContinueAsync(1)).Verdict);

        await LiveAsync();
        Assert.Equal(ContinuationVerdict.Unknown, (await ContinueAsync(2)).Verdict);
    }

    [Fact, Trait("Proves", "R15")]
    public async Task CallThatEnded_EndsOnce_AndHasNoFurtherStream()
    {
        var log = new LogRecorder();
        using var ends = Ends(log);
        using var others = Ends(log);
        await LiveAsync();
        var next = await ContinueAsync(1);
        var grant = await ConsumeAsync(next.Token!.Value);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(end =>
            (end % 2 == 0 ? ends : others).EndAsync(_call.CallSid, CallEnds.AnyStream, CallEndReason.CallerLeft)));

        Assert.Single(log.Lines, line => line.Contains("is over (caller_left)", StringComparison.Ordinal));
        Assert.Null(await Leases.TakeAsync(grant!, TestTimeout.Token));
        Assert.Equal(ContinuationVerdict.Ended, (await ContinueAsync(2)).Verdict);
    }

    // Found by chaos: such a call ended twice, and one that went on was declared over.
    [Fact, Trait("Proves", "R8")]
    public async Task CallThatARestartedRedisDoesNotKnow_IsNotTakenForAbandoned()
    {
        var log = new LogRecorder();
        using var ends = Ends(log);
        await LiveAsync();
        ends.EndUnlessResumed(_call.CallSid, 1);
        await Database.KeyDeleteAsync(Key);

        Time.Advance(TimeSpan.FromMinutes(2));
        for (var end = TestTimeout.Token; Proxy.Count("caller_lost") == 0;)
        {
            await Task.Delay(10, end);
        }

        await ends.EndAsync(_call.CallSid, 1, CallEndReason.CallerLeft);

        Assert.Contains("is over (caller_left)", Assert.Single(log.Lines, line => line.Contains("is over", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    // Found by chaos: Redis had ended the call, and its answer was lost.
    [Fact, Trait("Proves", "R8")]
    public async Task EndWhoseAnswerWasLost_IsToldOnce_WhenAskedForAgain()
    {
        var log = new LogRecorder();
        await using var way = new ChaosProxy(IPEndPoint.Parse(Proxy.ConnectionString), TimeProvider.System, new Random(1));
        using var ends = Ends(log, await ConnectAsync(ServiceConnection.Replace(Proxy.ConnectionString, $"{way.EndPoint}", StringComparison.Ordinal)));
        using var others = Ends(log);
        await LiveAsync();
        way.Weather = new Weather { BlackHole = true };
        var ending = ends.EndAsync(_call.CallSid, 1, CallEndReason.CallerLeft);
        Time.Advance(TimeSpan.FromSeconds(1));
        await ending;

        way.Weather = Weather.Fair;
        await log.WaitForAsync("[CallEnded]");
        await others.EndAsync(_call.CallSid, 1, CallEndReason.CallerLost);

        Assert.Contains("is over (caller_left)", Assert.Single(log.Lines, line => line.Contains("is over", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    // Found by chaos: a bridge that had drained took with it what it had to write.
    [Fact, Trait("Proves", "R8")]
    public async Task EndThatCouldNotBeWritten_IsTriedOnceMore_BeforeTheServiceStops()
    {
        var log = new LogRecorder();
        await using var way = new ChaosProxy(IPEndPoint.Parse(Proxy.ConnectionString), TimeProvider.System, new Random(1));
        using var ends = Ends(log, await ConnectAsync(ServiceConnection.Replace(Proxy.ConnectionString, $"{way.EndPoint}", StringComparison.Ordinal)));
        await LiveAsync();
        way.Weather = new Weather { BlackHole = true };
        var ending = ends.EndAsync(_call.CallSid, 1, CallEndReason.CallerLeft);
        Time.Advance(TimeSpan.FromSeconds(1));
        await ending;
        // The second try, too; the third would come in five seconds.
        Time.Advance(TimeSpan.FromSeconds(1));
        for (var end = TestTimeout.Token; log.Lines.Count(line => line.Contains("[NotWritten]", StringComparison.Ordinal)) < 2;)
        {
            await Task.Delay(10, end);
        }

        way.Weather = Weather.Fair;

        await ends.StopAsync(TestTimeout.Token);

        Assert.Single(log.Lines, line => line.Contains("is over (caller_left)", StringComparison.Ordinal));
    }

    [Fact, Trait("Proves", "T-P5")]
    public async Task CallThatEnded_LeavesNothingOfWhatWasSaid_WhoeverComesLate()
    {
        using var ends = Ends(new LogRecorder());
        var first = await LiveAsync();
        Assert.True(await Conversations.SaveAsync(first, Said, TestTimeout.Token));
        Assert.InRange((await Database.KeyTimeToLiveAsync($"va:said:{_call.CallSid}"))!.Value, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));

        await ends.EndAsync(_call.CallSid, 1, CallEndReason.CallerLeft);

        Assert.False(await Conversations.SaveAsync(first, Said, TestTimeout.Token));
        Assert.False(await Conversations.HandOverAsync(first, Said, TestTimeout.Token));
        Assert.False(await Database.KeyExistsAsync($"va:said:{_call.CallSid}"));
    }

    [Fact]
    public async Task StreamThatWasFollowed_NeitherEndsTheCallNorWritesForIt()
    {
        var log = new LogRecorder();
        using var ends = Ends(log);
        var first = await LiveAsync();
        await TakeAsync(await ContinueAsync(1));

        await ends.EndAsync(_call.CallSid, 1, CallEndReason.CallerLeft);

        Assert.False(await Conversations.SaveAsync(first, Said, TestTimeout.Token));
        Assert.DoesNotContain(log.Lines, line => line.Contains("is over", StringComparison.Ordinal));
    }

    [Fact, Trait("Proves", "R28")]
    public async Task Call_IsAwaited_UntilSomebodyAsks()
    {
        await LiveAsync();
        Assert.True(await Continuations.IsAwaitedAsync(_call.CallSid, 1, TestTimeout.Token));

        await ContinueAsync(1);

        Assert.False(await Continuations.IsAwaitedAsync(_call.CallSid, 1, TestTimeout.Token));
    }

    private CallEnds Ends(LogRecorder log, IConnectionMultiplexer? redis = null) => new(redis ?? Redis, Time, new RecordMetrics(new TestMeters()), LoggerFactory.Create(logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace)).CreateLogger<CallEnds>());

    private async Task<StreamGrant> LiveAsync()
    {
        var grant = await ConsumeAsync(await IssueAsync(_call));
        Assert.NotNull(await Leases.TakeAsync(grant!, TestTimeout.Token));
        return grant!;
    }

    private async Task<CallLease?> TakeAsync(Continuation next) =>
        await Leases.TakeAsync((await ConsumeAsync(next.Token!.Value))!, TestTimeout.Token);

    private Task<Continuation> ContinueAsync(int sequence) => Continuations.ContinueAsync(_call with { Sequence = sequence, Verstat = null }, TestTimeout.Token);
}
