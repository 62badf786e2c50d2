using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Local.Phone.Streams;

namespace VoiceAssistant.Tests.Local.Phone.Streams;

public class FrameClockTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CallTimes _times;
    private readonly FrameClock _clock;

    public FrameClockTests()
    {
        _times = new(_time);
        _clock = new(_time, _times);
    }

    [Fact]
    public void Frames_AreDue_OneForEvery20Milliseconds()
    {
        for (var frame = 0; frame < 100; frame++)
        {
            Assert.Empty(Take());
            _time.Advance(TimeSpan.FromMilliseconds(20));
            Assert.Equal([frame], Take());
        }

        Assert.Equal(0, _times.LateFrames);
    }

    [Fact]
    public void Frames_AreAllTaken_AfterALateWakeUp()
    {
        _time.Advance(TimeSpan.FromMilliseconds(115));
        Assert.Equal([0, 1, 2, 3, 4, 5], Take());

        // Not 115 + 20: a late frame does not move the next one.
        _time.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Empty(Take());
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal([6], Take());
        Assert.Equal(5, _times.LateFrames);
    }

    [Fact]
    public void Frames_AreNotSentAhead_WhereTimersAreEarly()
    {
        _time.Advance(TimeSpan.FromMilliseconds(14));
        Assert.Empty(Take());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([0], Take());
        _time.Advance(TimeSpan.FromMilliseconds(19));
        Assert.Empty(Take());
    }

    [Fact]
    public void Frames_GoOnFromNow_AfterMoreThanASecond()
    {
        _time.Advance(TimeSpan.FromSeconds(3600));

        Assert.Equal([179_999], Take());
        Assert.Equal(179_999, _times.LateFrames);

        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal([180_000], Take());
    }

    private List<long> Take()
    {
        var positions = new List<long>();
        while (_clock.TryTake(out var position))
        {
            positions.Add(position);
        }

        return positions;
    }
}
