using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

[Trait("Proves", "R22")]
public sealed class LatenessTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Lateness _lateness;

    public LatenessTests() => _lateness = new Lateness(Heartbeat.Interval, _time);

    [Theory]
    [InlineData(90, 0)]
    [InlineData(100, 0)]
    [InlineData(137, 37)]
    public void Beat_IsAsLate_AsItComesAfterTheInterval(int after, int late) => Assert.Equal(TimeSpan.FromMilliseconds(late), Beat(after));

    [Fact]
    public void Lateness_Lasts_AfterFiveSeconds_AndIsOverASecondAfterTheLastLateBeat()
    {
        Beat(100);
        for (var beat = 0; beat < 12; beat++)
        {
            Assert.False(_lateness.IsLasting);
            Beat(400);
        }

        Beat(400);
        Assert.True(_lateness.IsLasting);
        for (var beat = 0; beat < 10; beat++)
        {
            Beat(100);
            Assert.True(_lateness.IsLasting);
        }

        Beat(100);
        Assert.False(_lateness.IsLasting);
    }

    [Fact]
    public void Lateness_Lasts_ThoughSomeBeatsAreInTime()
    {
        for (var second = 0; second < 6; second++)
        {
            Beat(700);
            Beat(100);
            Beat(100);
        }

        Assert.True(_lateness.IsLasting);
    }

    // While everything stands still, nobody beats.
    [Fact]
    public void Lateness_IsSeen_WhileNoBeatComesAtAll()
    {
        Beat(100);

        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(_lateness.IsLasting);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.True(_lateness.IsLasting);
    }

    [Theory]
    [InlineData(350, 100)]
    [InlineData(4000, 2)]
    public void Hiccups_ArePassedOver(int pause, int times)
    {
        for (var hiccup = 0; hiccup < times; hiccup++)
        {
            Beat(pause);
            for (var beat = 0; beat < 11; beat++)
            {
                Beat(100);
                Assert.False(_lateness.IsLasting);
            }
        }
    }

    private TimeSpan Beat(int milliseconds)
    {
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        return _lateness.Beat();
    }
}
