using VoiceAssistant.Local.Chaos;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Tests.Local.Chaos;

public sealed class OracleTests
{
    private static readonly string Sid = "CA" + new string('1', 32);

    private readonly EndRecords _records = new();

    [Fact]
    public void CallThatGoesWell_IsNotFound()
    {
        Say("is answered with a media stream.", "is over (caller_left): 12.5 s, 1 resumes, 0.2 s without a stream.");

        Assert.Empty(Judge(Call(2)));
        Assert.Equal(new EndRecord("caller_left", 1), Assert.Single(_records.Of(Sid)));
    }

    [Fact]
    public void CallWithoutAnEnd_IsFound()
    {
        Say("is answered with a media stream.");

        Assert.Contains("has 0 end records", Assert.Single(Judge(Call(2))), StringComparison.Ordinal);
    }

    // The line went down with the process that had it to write.
    [Fact]
    public void CallWithoutAnEnd_IsNotFound_WhereRedisSaysThatItEnded()
    {
        Say("is answered with a media stream.");

        Assert.Empty(new Oracle([]).Judge([Call(2)], _records, new HashSet<string> { Sid }));
    }

    // F7: who hangs up between two streams, of whose call Redis knows nothing any more.
    [Theory]
    [InlineData(FaultKind.Kill, Target.Redis, 2, 3, true)]
    [InlineData(FaultKind.Kill, Target.Redis, 6, 7, true)]
    [InlineData(FaultKind.Kill, Target.Redis, 79, 80, true)]
    [InlineData(FaultKind.Kill, Target.Redis, 80, 81, false)]
    [InlineData(FaultKind.Kill, Target.Redis, 0, 1, false)]
    [InlineData(FaultKind.Freeze, Target.Redis, 6, 7, false)]
    [InlineData(FaultKind.Kill, Target.Bridge, 6, 7, false)]
    public void CallWithoutAnEnd_IsNotFound_WhereRedisForgotItBetweenTwoStreams(object kind, object target, double from, double to, bool expected)
    {
        Say("is answered with a media stream.");
        var oracle = new Oracle(
            [new(new(default, (FaultKind)kind, (Target)target, TimeSpan.FromSeconds(1)), TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to))]);

        Assert.Equal(expected, !Judge(oracle, (Happening.Dialled, 0, 0), (Happening.Connected, 1, 1), (Happening.StreamEnded, 2, 2), (Happening.Ended, 5, 5)).Any());
        Assert.Single(Judge(oracle, (Happening.Dialled, 0, 0), (Happening.StreamEnded, 2, 2), (Happening.Connected, 3, 3), (Happening.Ended, 5, 5)));

        IEnumerable<string> Judge(Oracle oracle, params (Happening What, double From, double To)[] tape) => oracle
            .Judge([new ChaosCall(Sid, SilenceMeterTests.Tape(tape)) { End = CallEnd.CallerHungUp }], _records, new HashSet<string>())
            .Where(finding => finding.Contains("end records", StringComparison.Ordinal));
    }

    [Fact]
    public void CallThatWasNeverAnswered_NeedsNoEnd() => Assert.Empty(Judge(Call(2)));

    [Fact]
    public void CallWithTwoEnds_IsFound()
    {
        Say("is answered with a media stream.", "is over (caller_left): 1 s, 0 resumes, 0 s without a stream.", "is over (caller_lost): 1 s, 0 resumes, 0 s without a stream.");

        Assert.Contains("has 2 end records (caller_left, caller_lost)", Assert.Single(Judge(Call(2))), StringComparison.Ordinal);
    }

    [Fact]
    public void Silence_IsFound_WithTheFaultBeforeIt()
    {
        var fault = new InjectedFault(new(TimeSpan.FromSeconds(1), FaultKind.Freeze, Target.Redis, TimeSpan.FromSeconds(2)), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));

        var finding = Assert.Single(new Oracle([fault]).Judge([Call(8)], _records, new HashSet<string>()));

        Assert.Contains("heard nothing for 8.0 s from 00:00.0 on; before: Freeze Redis for 2.0 s at 00:01.0", finding, StringComparison.Ordinal);
    }

    [Fact]
    public void Silence_IsForgiven_OnThisPhonesBrokenWayOnly()
    {
        Assert.Empty(Judge(phones: [0]));
        Assert.Single(Judge(phones: [1]));

        IEnumerable<string> Judge(int[] phones) => new Oracle(
        [
            new(new(default, FaultKind.BlackHole, Target.Callers, TimeSpan.FromSeconds(5)) { Phones = phones }, TimeSpan.Zero, TimeSpan.FromSeconds(5)),
        ]).Judge([Call(8)], _records, new HashSet<string>());
    }

    [Fact]
    public void WhatIsLeft_IsFound()
    {
        var before = new Footprint(Sockets: 6, Threads: 17, Memory: 80 << 20);

        Assert.Empty(Leaks(before with { Sockets = 8, Memory = 120 << 20 }, calls: 0));
        Assert.Equal("bridge-1 still holds 2 calls", Assert.Single(Leaks(before, calls: 2)));
        Assert.Equal("bridge-1 has 11 sockets, 6 before its first call", Assert.Single(Leaks(before with { Sockets = 11 }, calls: 0)));
        Assert.Equal("bridge-1 has 40 threads, 17 before its first call", Assert.Single(Leaks(before with { Threads = 40 }, calls: 0)));
        Assert.Equal("bridge-1 holds 300 MB, 80 before its first call", Assert.Single(Leaks(before with { Memory = 300 << 20 }, calls: 0)));
        Assert.Equal("Redis still has va:said:CA1", Assert.Single(new Remains([], ["va:said:CA1"]).Leaks()));

        IEnumerable<string> Leaks(Footprint after, int calls) => new Remains([new("bridge-1", before, after, calls)], []).Leaks();
    }

    [Fact]
    public void Report_CountsWhatHappened()
    {
        Say("is answered with a media stream.", "is over (caller_left): 12.5 s, 1 resumes, 0.2 s without a stream.");
        using var report = new StringWriter();

        ChaosReport.Write(report, [Call(8)], _records, new Oracle([]), new Remains([new("webhook", default, default, null)], []), TimeSpan.FromSeconds(0.3));

        var lines = report.ToString().Split(Environment.NewLine).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Contains("calls 1", lines);
        Assert.Contains("ended by the caller 1", lines);
        Assert.Contains("resumes 1", lines);
        Assert.Contains("longest unexplained silence 8.0 s", lines);
        Assert.Contains("end records per answered call: none / one / more 0 / 1 / 0", lines);
    }

    private IEnumerable<string> Judge(ChaosCall call) => new Oracle([]).Judge([call], _records, new HashSet<string>());

    private void Say(params string[] lines)
    {
        foreach (var line in lines)
        {
            _records.Read($"      Call {Sid} {line}");
        }
    }

    private static ChaosCall Call(double seconds) => new(Sid, SilenceMeterTests.Tape([(Happening.Dialled, 0, 0), (Happening.Ended, seconds, seconds)])) { End = CallEnd.CallerHungUp };
}
