using System.Text;
using StackExchange.Redis;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
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
            Task.Run(() => webhooks[question % 2].ContinueAsync(_call with { Sequence = 1 }, isRescue: false, TestTimeout.Token))));

        var issued = answers.Select(answer => answer.Token?.Value).OfType<string>().ToList();
        Assert.InRange(issued.Count, 1, 2);
        Assert.Single(await Task.WhenAll(issued.Select(ConsumeAsync)), grant => grant is { Sequence: 2 });
    }

    // Asked by the document that is being cancelled, and by the redirect, twice, as REST was told twice.
    [Fact, Trait("Proves", "R13")]
    public async Task CallThatIsRedirected_GetsItsToken_OnlyFromTheRedirect()
    {
        await LiveAsync();
        Assert.True(await LoseAsync(1));

        Assert.Equal(ContinuationVerdict.Awaited, (await ContinueAsync(1)).Verdict);
        var first = await ContinueAsync(1, isRescue: true);
        Assert.Equal(ContinuationVerdict.Awaited, (await ContinueAsync(1)).Verdict);
        var second = await ContinueAsync(1, isRescue: true);

        Assert.Equal((2, 2), (first.Token!.Sequence, second.Token!.Sequence));
        Assert.NotNull(await TakeAsync(second));
        Assert.Equal(ContinuationVerdict.Stale, (await ContinueAsync(1)).Verdict);
        // The next stream has an action of its own.
        Assert.Equal(ContinuationVerdict.Issued, (await ContinueAsync(2)).Verdict);
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
        await Continuations.ContinueAsync(other with { Sequence = 1 }, isRescue: false, TestTimeout.Token);
        Assert.Equal(ContinuationVerdict.Exhausted, (await Continuations.ContinueAsync(other with { Sequence = 2 }, isRescue: false, TestTimeout.Token)).Verdict);
    }

    [Fact, Trait("Proves", "R27")]
    public async Task Call_IsResumedThreeTimes_ThoughNoBridgeTakesIt()
    {
        await LiveAsync();

        for (var sequence = 1; sequence <= 3; sequence++)
        {
            var next = await ContinueAsync(sequence);
            Assert.Equal((sequence + 1, sequence > 1), (next.Token!.Sequence, next.WasRefused));
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

    [Fact, Trait("Proves", "R12")]
    public async Task HandOver_CanBeWrittenAgain_WhereItsAnswerWasLost()
    {
        var first = await LiveAsync();
        Assert.True(await Conversations.HandOverAsync(first, Encoding.UTF8.GetBytes("then"), TestTimeout.Token));

        Assert.True(await Conversations.HandOverAsync(first, Said, TestTimeout.Token));

        Assert.Equal(Encoding.UTF8.GetString(Said), (await TakeAsync(await ContinueAsync(1)))!.Said);
    }

    [Fact, Trait("Proves", "R28")]
    public async Task BrokenStream_IsOnesBusiness_HoweverManyHearOfIt()
    {
        CallContinuations[] webhooks = [Continuations, new(await ConnectAsync(), Time, TestMeters.Tokens)];
        await LiveAsync();

        var first = await Task.WhenAll(Enumerable.Range(0, 20).Select(told =>
            Task.Run(() => webhooks[told % 2].TryLoseAsync(_call.CallSid, 1, TestTimeout.Token))));

        Assert.Single(first, isFirst => isFirst);
        await TakeAsync(await ContinueAsync(1, isRescue: true));
        Assert.False(await LoseAsync(1));
        Assert.True(await LoseAsync(2));
    }

    [Fact, Trait("Proves", "R28")]
    public async Task BrokenStream_IsNobodysBusiness_OnceSomebodyAskedOrTheCallIsOver()
    {
        await LiveAsync();
        await ContinueAsync(1);
        Assert.False(await LoseAsync(1));

        await Database.HashSetAsync(Key, "state", "ended");
        Assert.False(await LoseAsync(2));
    }

    // Found by chaos: a bridge was killed after Redis was, and the caller waited in vain.
    [Fact, Trait("Proves", "R28")]
    public async Task BrokenStream_IsOnesBusiness_AlsoWhereRedisHasForgottenTheCall()
    {
        Assert.True(await LoseAsync(1));
        Assert.False(await LoseAsync(1));
        Assert.Equal(ContinuationVerdict.Unknown, (await ContinueAsync(1)).Verdict);
        Assert.InRange((await Administrator.GetDatabase().KeyTimeToLiveAsync(Key))!.Value, TimeSpan.FromHours(23), TimeSpan.FromHours(24));
    }

    [Fact, Trait("Proves", "R8")]
    public async Task Call_GoesOn_WhereRedisHadForgottenIt_AndItsBridgeRemindedIt()
    {
        var first = await LiveAsync();
        await Administrator.GetDatabase().KeyDeleteAsync([Key, $"va:live:{_call.CallSid}"]);

        Assert.True(await Leases.RenewAsync(first, TestLease.New with { Age = TimeSpan.FromMinutes(5) }, TestTimeout.Token));
        Assert.True(await Conversations.HandOverAsync(first, Said, TestTimeout.Token));

        var lease = await TakeAsync(await ContinueAsync(1));
        Assert.True(lease!.IsContinuation);
        Assert.Equal(Encoding.UTF8.GetString(Said), lease.Said);
        Assert.InRange(lease.Age, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(7));
        Assert.Equal(ContinuationVerdict.Stale, (await ContinueAsync(1)).Verdict);
    }

    [Fact, Trait("Proves", "R27")]
    public async Task Resumes_AndGaps_AreCounted_AlsoWhereRedisHadForgottenTheCall()
    {
        var first = await LiveAsync();
        await TakeAsync(await ContinueAsync(1));
        await TakeAsync(await ContinueAsync(2));
        await Database.HashSetAsync(Key, "gap", 40_000);
        var lease = await TakeAsync(await ContinueAsync(3));
        await Administrator.GetDatabase().KeyDeleteAsync(Key);

        Assert.True(await Leases.RenewAsync(first with { Sequence = 4 }, lease!, TestTimeout.Token));

        Assert.InRange((long)await Database.HashGetAsync(Key, "gap"), 40_000, 59_999);
        Assert.Equal(ContinuationVerdict.Exhausted, (await ContinueAsync(4)).Verdict);
    }

    [Fact, Trait("Proves", "R27")]
    public async Task Gap_IsCountedFromTheEndOfOneStreamToTheBeginningOfTheNext()
    {
        var first = await LiveAsync();
        await Conversations.HandOverAsync(first, Said, TestTimeout.Token);
        var now = new DateTimeOffset((await Administrator.GetServers().Single().TimeAsync()).ToUniversalTime()).ToUnixTimeMilliseconds();
        await Database.HashSetAsync(Key, "left", now - 40_000);

        Assert.True((await TakeAsync(await ContinueAsync(1)))!.Gap >= TimeSpan.FromSeconds(40));

        await Database.HashSetAsync(Key, "left", now - 20_000);
        Assert.Equal(ContinuationVerdict.Exhausted, (await ContinueAsync(2)).Verdict);
    }

    private async Task<StreamGrant> LiveAsync()
    {
        var grant = await ConsumeAsync(await IssueAsync(_call));
        Assert.NotNull(await Leases.TakeAsync(grant!, TestTimeout.Token));
        return grant!;
    }

    private async Task<CallLease?> TakeAsync(Continuation next) =>
        await Leases.TakeAsync((await ConsumeAsync(next.Token!.Value))!, TestTimeout.Token);

    private Task<bool> LoseAsync(int sequence) => Continuations.TryLoseAsync(_call.CallSid, sequence, TestTimeout.Token);

    private Task<Continuation> ContinueAsync(int sequence, bool isRescue = false) =>
        Continuations.ContinueAsync(_call with { Sequence = sequence, Verstat = null }, isRescue, TestTimeout.Token);
}
