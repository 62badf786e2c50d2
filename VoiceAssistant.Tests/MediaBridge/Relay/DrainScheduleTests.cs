using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

[Trait("Proves", "R12")]
public sealed class DrainScheduleTests
{
    [Theory]
    [InlineData(600, 0, HandOverMoment.Never)]
    [InlineData(600, 554.9, HandOverMoment.Never)]
    [InlineData(600, 555, HandOverMoment.BetweenTurns)]
    [InlineData(600, 584.9, HandOverMoment.BetweenTurns)]
    [InlineData(600, 585, HandOverMoment.Now)]
    [InlineData(600, 587.9, HandOverMoment.Now)]
    [InlineData(600, 588, HandOverMoment.Missed)]
    [InlineData(30, 0, HandOverMoment.BetweenTurns)]
    [InlineData(30, 15, HandOverMoment.Now)]
    [InlineData(10, 0, HandOverMoment.Now)]
    [InlineData(10, 2.9, HandOverMoment.Now)]
    [InlineData(10, 3, HandOverMoment.Missed)]
    [InlineData(0, 0, HandOverMoment.Missed)]
    internal void Calls_AreTreatedTheRougher_TheNearerTheEnd(double grace, double elapsed, HandOverMoment expected) =>
        Assert.Equal(expected, Schedule(grace).At(TimeSpan.FromSeconds(elapsed)));

    [Fact]
    public void Calls_LeaveAtOnce_WhereSomebodyHurries()
    {
        var schedule = Schedule(600);

        schedule.Hurry(TimeSpan.FromSeconds(7));
        schedule.Hurry(TimeSpan.FromSeconds(8));

        Assert.Equal(HandOverMoment.Now, schedule.At(TimeSpan.FromSeconds(7)));
        Assert.Equal(HandOverMoment.Now, schedule.At(TimeSpan.FromSeconds(9.9)));
        Assert.Equal(HandOverMoment.Missed, schedule.At(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Calls_AreNotKeptLonger_ByWhoHurriesLate()
    {
        var schedule = Schedule(600);

        schedule.Hurry(TimeSpan.FromSeconds(587));

        Assert.Equal(HandOverMoment.Missed, schedule.At(TimeSpan.FromSeconds(588)));
    }

    private static DrainSchedule Schedule(double grace) => new(TimeSpan.FromSeconds(grace));
}
