using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.MediaBridge.Relay;

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

    // Which the server says where the model does not answer.
    [Fact]
    public void Clip_IsNoAnswer()
    {
        Add(frames: 10, says: true);
        Add(frames: 10);
        var clip = ClipFrames.AudioOf(Clips.SayThatAgain).Chunk(Frame.Length).ToArray();
        foreach (var frame in clip)
        {
            _time += Frame.Duration;
            _meter.Add(Tone.SilentFrame, frame, isPlaying: true, _time);
        }

        Assert.Empty(_times.Answers);
        Assert.NotNull(_times.FirstAudible);

        Add(frames: 20);
        Add(frames: 5, hears: true);
        Assert.Equal([(10 + clip.Length + 20 + 1) * Frame.Duration], _times.Answers);
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
    public void RestOfTheAssistantsSentence_IsNoAnswer_ToAWordSaidInItsPause()
    {
        Add(frames: 20, hears: true);
        Add(frames: 10, says: true, plays: true);
        Add(frames: 5, plays: true);
        Add(frames: 20, hears: true);

        Assert.Empty(_times.Answers);
    }

    [Fact]
    public void Click_IsNoTurn_SoNothingAnswersIt()
    {
        Add(frames: 6, says: true);
        Add(frames: 100);
        Add(frames: 20, hears: true);

        Assert.Equal(0, _times.Turns);
        Assert.Empty(_times.Answers);
    }

    [Fact]
    public void Turn_BeginsOnce_UntilItIsAnswered()
    {
        Add(frames: 10, says: true);
        Add(frames: 15);
        Add(frames: 10, says: true);
        Assert.Equal(1, _times.Turns);

        Add(frames: 30);
        Add(frames: 10, hears: true);
        Add(frames: 30);
        Add(frames: 10, says: true);
        Assert.Equal(2, _times.Turns);
    }

    [Fact]
    public void Interruption_IsMeasured_UntilTheAssistantIsSilent()
    {
        Add(frames: 50, hears: true);
        Add(frames: 12, says: true, hears: true);
        Clear(milliseconds: 3000);
        Add(frames: 20, says: true);
        Add(frames: 25);
        Add(frames: 5, hears: true);

        Assert.Equal([new(TimeSpan.FromSeconds(3), IsByCaller: true, TimeSpan.FromMilliseconds(260))], _times.CutOffs);
        Assert.Equal([TimeSpan.FromMilliseconds(260)], _times.Interruptions);
        Assert.Equal([TimeSpan.FromMilliseconds(520)], _times.Answers);
    }

    // With four frames of pause, this was an interruption of -80 ms.
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(30)]
    public void Interruption_HasNoFigure_WhereTheCallerBeganInAPause(int pause)
    {
        Add(frames: 50, hears: true);
        Add(frames: pause, plays: true);
        Add(frames: 10, says: true, plays: true);
        Clear(milliseconds: 4000);
        Add(frames: 20, says: true);

        Assert.Equal([new(TimeSpan.FromSeconds(4), IsByCaller: true, SilentAfter: null)], _times.CutOffs);
        Assert.Empty(_times.Interruptions);
    }

    [Fact]
    public void Interruption_HasNoFigure_WhereTheAssistantGoesOnAfterThePauseInWhichTheCallerBegan()
    {
        Add(frames: 50, hears: true);
        Add(frames: 8, plays: true);
        Add(frames: 4, says: true, plays: true);
        Add(frames: 6, says: true, hears: true);
        Clear(milliseconds: 1000);

        Assert.Null(Assert.Single(_times.CutOffs).SilentAfter);
    }

    [Fact]
    public void Interruption_IsNone_WhereTheAssistantHadNothingMoreToSay()
    {
        Add(frames: 50, hears: true);
        Add(frames: 5, says: true, hears: true);
        Add(frames: 30, says: true);

        Assert.Empty(_times.CutOffs);
    }

    [Fact]
    public void Interruption_IsNotMeasuredFromAWord_ThatTheAssistantOutlasted()
    {
        Add(frames: 50, hears: true);
        Add(frames: 200, says: true, hears: true);
        Add(frames: 20, says: true);
        Add(frames: 20, says: true, hears: true);
        Clear(milliseconds: 1000);

        Assert.Null(Assert.Single(_times.CutOffs).SilentAfter);
    }

    [Fact]
    public void CutOff_IsNotTheCallers_WhereTheyHaveBeenSilent()
    {
        Add(frames: 50, hears: true);
        Add(frames: 10, says: true, hears: true);
        Add(frames: 50, hears: true);
        Clear(milliseconds: 1000);

        Assert.Equal([new(TimeSpan.FromSeconds(1), IsByCaller: false, SilentAfter: null)], _times.CutOffs);
    }

    [Fact]
    public void ShortWord_IsTheCallersInterruption_ThoughItIsOverWhenTheServerReacts()
    {
        Add(frames: 50, hears: true);
        Add(frames: 10, says: true, hears: true);
        Add(frames: 30, hears: true);
        Clear(milliseconds: 1000);

        Assert.Equal([TimeSpan.FromMilliseconds(820)], _times.Interruptions);
    }

    // Whatever is said, heard and cleared, in whatever order.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Times_AreNeverNegative(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 3000; i++)
        {
            Add(random.Next(1, 30), says: random.Next(3) == 0, hears: random.Next(2) == 0, plays: random.Next(2) == 0);
            if (random.Next(4) == 0)
            {
                Clear(random.Next(1, 5000));
            }
        }

        Assert.All(_times.Answers, wait => Assert.True(wait >= TimeSpan.Zero));
        Assert.All(_times.Interruptions, wait => Assert.True(wait > TimeSpan.Zero));
        Assert.NotEmpty(_times.Answers);
        Assert.NotEmpty(_times.Interruptions);
    }

    private void Add(int frames, bool says = false, bool hears = false, bool plays = false)
    {
        for (var i = 0; i < frames; i++)
        {
            _time += Frame.Duration;
            _meter.Add(says ? Tone.Frame : Tone.SilentFrame, hears ? Tone.Frame : Tone.SilentFrame, plays || hears, _time);
        }
    }

    private void Clear(int milliseconds) => _meter.Clear(TimeSpan.FromMilliseconds(milliseconds), _time + Frame.Duration);
}
