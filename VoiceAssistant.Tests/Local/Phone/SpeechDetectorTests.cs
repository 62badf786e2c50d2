using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Tests.Local.Phone;

public class SpeechDetectorTests
{
    private readonly SpeechDetector _detector = new();
    private int _frames;

    [Fact]
    public void Speech_StartsAtItsFirstLoudFrame_AfterSilence()
    {
        Add(Tone.SilentFrame, 5);

        Assert.Equal([SpeechChange.None, SpeechChange.Started, SpeechChange.None], Add(Tone.Frame, 3));
        Assert.True(_detector.IsSpeaking);
        Assert.Equal(At(5), _detector.StartedAt);
        Assert.Equal(At(7), _detector.EndedAt);
    }

    [Fact]
    public void Speech_EndsAfterItsLastLoudFrame_WhenSilenceLasted()
    {
        Add(Tone.Frame, 4);

        var changes = Add(Tone.SilentFrame, 12);

        Assert.Equal(9, changes.IndexOf(SpeechChange.Ended));
        Assert.False(_detector.IsSpeaking);
        Assert.Equal(At(3), _detector.EndedAt);
        Assert.Equal(12, _detector.Silence);
    }

    [Fact]
    public void Speech_GoesOn_AcrossAGapBetweenWords()
    {
        Add(Tone.Frame, 4);

        Assert.DoesNotContain(SpeechChange.Ended, Add(Tone.SilentFrame, 9));
        Assert.DoesNotContain(SpeechChange.Started, Add(Tone.Frame, 4));
        Assert.Equal(At(0), _detector.StartedAt);
        Assert.Equal(At(16), _detector.EndedAt);
    }

    [Fact]
    public void Click_IsNoSpeech()
    {
        Add(Tone.SilentFrame, 3);
        Add(Tone.Frame, 1);
        Add(Tone.SilentFrame, 3);

        Assert.False(_detector.IsSpeaking);
        Assert.Null(_detector.EndedAt);
    }

    [Theory]
    [InlineData(100, false)]
    [InlineData(400, true)]
    public void Loudness_DecidesWhetherASoundIsSpeech(short amplitude, bool expected)
    {
        Add([.. Tone.Sine(500, MuLaw.SampleRate, 160).Select(sample => MuLaw.Encode((short)(sample * amplitude)))], 5);

        Assert.Equal(expected, _detector.IsSpeaking);
    }

    private static TimeSpan At(int frame) => frame * Frame.Duration;

    private List<SpeechChange> Add(byte[] frame, int times) => [.. Enumerable.Range(0, times).Select(_ => _detector.Add(frame, At(_frames++)))];
}
