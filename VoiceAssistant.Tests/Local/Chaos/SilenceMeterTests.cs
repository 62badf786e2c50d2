using VoiceAssistant.Local.Chaos;

namespace VoiceAssistant.Tests.Local.Chaos;

/// <summary>Each tape is a call as one may go: what, from and to which second.</summary>
public sealed class SilenceMeterTests
{
    private static readonly (Happening, double, double)[] Greeted =
        [(Happening.Dialled, 0, 0), (Happening.Connected, 0.2, 0.2), (Happening.Words, 1, 9)];

    [Fact]
    public void CallThatGoesWell_HasNoSilence_HoweverLongNobodyIsOwedAnything()
    {
        var tape = Tape([.. Greeted, (Happening.Question, 30, 33), (Happening.Words, 34, 38), (Happening.Ended, 60, 60)]);

        Assert.InRange(Worst(tape), 1, 1.01);
        Assert.Equal(0, SilenceMeter.LostTurns(tape));
    }

    [Fact]
    public void Silence_IsFound_WhereNothingIsHeardAfterDialling() =>
        Assert.Equal(7, Worst(Tape([(Happening.Dialled, 0, 0), (Happening.Connected, 1, 1), (Happening.Ended, 7, 7)])));

    [Fact]
    public void Silence_IsFound_WhereNoAnswerComes()
    {
        var tape = Tape([.. Greeted, (Happening.Question, 10, 13), (Happening.Question, 21, 24), (Happening.Words, 25, 29), (Happening.Ended, 40, 40)]);

        Assert.Equal(8, Worst(tape));
        Assert.Equal(1, SilenceMeter.LostTurns(tape));
    }

    [Fact]
    public void Silence_IsFound_WhereAnAnswerBreaksOff() =>
        Assert.Equal(6, Worst(Tape([.. Greeted, (Happening.Question, 10, 13), (Happening.Fragment, 14, 15), (Happening.Words, 21, 22), (Happening.Ended, 40, 40)])));

    [Fact]
    public void Earcon_ExplainsASilence_ButNotTheOneBehindIt() => Assert.Equal(
        6, Worst(Tape([.. Greeted, (Happening.Question, 10, 13), (Happening.Earcon, 16, 17), (Happening.Words, 23, 25), (Happening.Ended, 40, 40)])));

    [Fact]
    public void Announcement_ExplainsASilence() => Assert.Equal(
        3, Worst(Tape([.. Greeted, (Happening.Question, 10, 13), (Happening.Announcement, 16, 22), (Happening.Ended, 22, 22)])));

    [Fact]
    public void Silence_IsFound_WhereTheStreamIsNotReplaced_ThoughNobodyWasSpeaking() =>
        Assert.Equal(9, Worst(Tape([.. Greeted, (Happening.StreamEnded, 10, 10), (Happening.Connected, 19, 19), (Happening.Ended, 60, 60)])));

    [Fact]
    public void Silence_IsFound_WhereWhatWasCutOffIsNotGoneOnWith() => Assert.Equal(
        6, Worst(Tape([(Happening.Dialled, 0, 0), (Happening.Fragment, 1, 3), (Happening.StreamEnded, 3, 3), (Happening.Connected, 4, 4), (Happening.Words, 9, 10), (Happening.Ended, 30, 30)])));

    // Before the fault and after it, each by itself; not a moment more is forgiven.
    [Fact]
    public void TimeInWhichNothingCouldBeHeard_IsLeftOut()
    {
        var tape = Tape([.. Greeted, (Happening.Question, 10, 13), (Happening.Words, 27, 30), (Happening.Ended, 40, 40)]);

        Assert.Equal([2, 4], SilenceMeter.Silences(tape, [(Seconds(15), Seconds(23))]).Select(one => one.Length.TotalSeconds).Where(length => length > 1));
    }

    [Fact]
    public void TurnIsLost_WhereTheCallerGivesUp_AndNotWhereTheyLeaveAtOnce()
    {
        Assert.Equal(1, SilenceMeter.LostTurns(Tape([.. Greeted, (Happening.Question, 10, 13), (Happening.Ended, 20, 20)])));
        Assert.Equal(0, SilenceMeter.LostTurns(Tape([.. Greeted, (Happening.Question, 10, 13), (Happening.Ended, 14, 14)])));
    }

    private static double Worst(CallTape tape) => SilenceMeter.Silences(tape, []).Max(silence => silence.Length.TotalSeconds);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    internal static CallTape Tape(IEnumerable<(Happening What, double From, double To)> events)
    {
        var tape = new CallTape(0, TimeProvider.System, 0);
        foreach (var (what, from, to) in events)
        {
            tape.Note(what, Seconds(from), Seconds(to));
        }

        return tape;
    }
}
