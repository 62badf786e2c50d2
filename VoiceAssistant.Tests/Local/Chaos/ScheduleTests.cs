using VoiceAssistant.Local.Chaos;

namespace VoiceAssistant.Tests.Local.Chaos;

public sealed class ScheduleTests
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(20);

    [Fact]
    public void Schedule_IsTheSame_ForTheSameSeed() => Assert.Equal(Texts(7), Texts(7));

    [Fact]
    public void Schedule_IsAnother_ForAnotherSeed() => Assert.NotEqual(Texts(7), Texts(8));

    [Fact]
    public void EveryFault_Comes_AndNoneBeforeTheOneBeforeIsOver()
    {
        var faults = Schedule.Draw(1, Length, 20);

        Assert.Equal(21, faults.Select(fault => (fault.Kind, fault.Target)).Distinct().Count());
        Assert.All(faults.Zip(faults.Skip(1)), pair => Assert.True(pair.First.At + pair.First.Duration < pair.Second.At));
        Assert.True(faults[^1].At + faults[^1].Duration < Length);
    }

    [Fact]
    public void FaultOnTheCallersWay_MeetsSomeOfThem() => Assert.All(
        Schedule.Draw(1, Length, 20),
        fault => Assert.Equal(fault.Target is Target.Callers, fault.Phones is [>= 0 and < 20, ..] && fault.Phones.Count < 20));

    private static IEnumerable<string> Texts(int seed) => Schedule.Draw(seed, Length, 20).Select(fault => $"{fault.At} {fault}");
}
