using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Tests.Local.Phone;

public class TurnMeterTests
{
    private readonly CallTimes _times = new(new FakeTimeProvider());
    private readonly TurnMeter _meter;
    private TimeSpan _time;

    public TurnMeterTests() => _meter = new(_times);

    [Fact]
    public void Answer_IsMeasured_FromTheEndOfSpeechToTheFirstSound()
    {
        Add(frames: 10, says: true);
        Add(frames: 30);
        Add(frames: 5, hears: true);

        // 30 frames of silence; and what a tick plays is heard in the 20 ms after it.
        Assert.Equal([TimeSpan.FromMilliseconds(620)], _times.Answers);
        Assert.Equal(TimeSpan.FromMilliseconds(820), _times.FirstAudible);
        Assert.Empty(_times.Interruptions);
    }

    [Fact]
    public void Greeting_IsNoAnswer()
    {
        Add(frames: 5);
        Add(frames: 20, hears: true);

        Assert.Empty(_times.Answers);
        Assert.Equal(TimeSpan.FromMilliseconds(120), _times.FirstAudible);
    }

    [Fact]
    public void Answer_IsMeasuredOnce_WhereTheAssistantPauses()
    {
        Add(frames: 10, says: true);
        Add(frames: 10);
        Add(frames: 20, hears: true);
        Add(frames: 20);
        Add(frames: 20, hears: true);

        Assert.Single(_times.Answers);
    }

    [Fact]
    public void Answer_CountsFromTheLastWord_WhereTheCallerPauses()
    {
        Add(frames: 10, says: true);
        Add(frames: 40);
        Add(frames: 10, says: true);
        Add(frames: 15);
        Add(frames: 5, hears: true);

        Assert.Equal([TimeSpan.FromMilliseconds(320)], _times.Answers);
    }

    [Fact]
    public void CuttingIn_IsNoAnswer()
    {
        Add(frames: 10, says: true);
        Add(frames: 10, says: true, hears: true);

        Assert.Empty(_times.Answers);
    }

    [Fact]
    public void Interruption_IsMeasured_UntilTheAssistantIsSilent()
    {
        Add(frames: 50, hears: true);
        Add(frames: 12, says: true, hears: true);
        Add(frames: 20, says: true);
        Add(frames: 25);
        Add(frames: 5, hears: true);

        Assert.Equal([TimeSpan.FromMilliseconds(260)], _times.Interruptions);
        Assert.Equal([TimeSpan.FromMilliseconds(520)], _times.Answers);
    }

    private void Add(int frames, bool says = false, bool hears = false)
    {
        for (var i = 0; i < frames; i++)
        {
            _time += Frame.Duration;
            _meter.Add(says ? Tone.Frame : Tone.SilentFrame, hears ? Tone.Frame : Tone.SilentFrame, _time);
        }
    }
}
