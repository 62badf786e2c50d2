using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Local.Phone.CommandLine;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.Local.Phone.CommandLine;

public class WavCallerTests
{
    private static readonly byte[] Question = [.. Enumerable.Repeat((byte)0x20, 10 * 160 + 40)];

    private readonly WavCaller _caller;
    private bool _hungUp;

    public WavCallerTests() => _caller = new(Question, records: true) { HangUp = () => _hungUp = true };

    [Fact]
    public void Question_IsAsked_WhenTheGreetingIsOver()
    {
        Assert.Equal(0, Listen(20));
        Assert.Equal(0, Listen(30, hears: true));
        Assert.Equal(0, Listen(34));

        // After 700 ms of silence; 11 frames, the last one padded.
        Assert.Equal(10, Listen(11));
        Assert.Equal(0, Listen(20));
        Assert.Equal(Question, _caller.Said.ToArray().Where(code => code != MuLaw.Silence));
    }

    [Fact]
    public void Question_IsAsked_WhereNobodyGreets()
    {
        Assert.Equal(0, Listen(250));
        Assert.NotEqual(0, Listen(1));
    }

    [Fact]
    public void LongGreeting_IsHeardOut()
    {
        Assert.Equal(0, Listen(500, hears: true));
        Assert.Equal(0, Listen(34));
    }

    [Fact]
    public void Caller_HangsUp_WhenTheAnswerIsOver()
    {
        Listen(20, hears: true);
        Listen(60);
        Assert.False(_caller.WasAnswered);

        Listen(30, hears: true);
        Listen(74);
        Assert.True(_caller.WasAnswered);
        Assert.False(_hungUp);

        Listen(1);
        Assert.True(_hungUp);
    }

    [Fact]
    public void Caller_Waits_WhereNoAnswerComes()
    {
        Listen(20, hears: true);
        Listen(5000);

        Assert.False(_caller.WasAnswered);
        Assert.False(_hungUp);
    }

    [Fact]
    public void GreetingThatGoesOn_IsNoAnswer()
    {
        Listen(20, hears: true);
        Listen(37);
        Listen(5, hears: true);
        Listen(200);

        Assert.False(_caller.WasAnswered);
        Assert.False(_hungUp);
    }

    [Theory]
    [InlineData("one-moment")]
    [InlineData("say-that-again")]
    [InlineData("goodbye")]
    [InlineData("sorry-goodbye")]
    public void ClipOfTheServer_IsNoAnswer(string clip)
    {
        Listen(20, hears: true);
        Listen(60);
        Hear(Clip.Load(clip));
        Listen(75);
        Assert.True(_caller.HeardClip);
        Assert.False(_caller.WasAnswered);
        Assert.False(_hungUp);

        Listen(20, hears: true);
        Assert.Equal(19 * Frame.Duration, _caller.Answer);
        Listen(75);
        Assert.True(_hungUp);
    }

    [Fact]
    public void Question_IsAskedAgain_WhereTheServerAsksForThat()
    {
        Listen(20, hears: true);
        Assert.Equal(10, Listen(60));
        Hear(Clips.OneMoment);
        Assert.Equal(0, Listen(200));

        Hear(Clips.SayThatAgain);
        Assert.Equal(10, Listen(60));
        Hear(Clips.SayThatAgain);
        Assert.Equal(10, Listen(60));

        Assert.Equal((0, true, false), (Listen(200), _caller.HeardClip, _caller.WasAnswered));
        Listen(20, hears: true);
        Listen(75);
        Assert.True(_hungUp);
    }

    [Fact]
    public void Course_IsKnown_WithEveryDuration()
    {
        var phases = new List<CallPhase> { _caller.Phase };
        _caller.Notice(new(PhoneEventKind.Connected));
        Hear(5);
        Hear(20, hears: true);
        Hear(36);
        Hear(20);
        Hear(30, hears: true);
        Hear(15);
        Hear(20, hears: true);
        Hear(10);

        Assert.Equal(
            [
                CallPhase.Dialling, CallPhase.AwaitingGreeting, CallPhase.HearingGreeting, CallPhase.Asking, CallPhase.AwaitingAnswer,
                CallPhase.HearingAnswer, CallPhase.HearingAnswer, CallPhase.HearingAnswer, CallPhase.HearingAnswer,
            ],
            phases);
        // From the first frame to the last.
        Assert.Equal(19 * Frame.Duration, _caller.Greeting);
        Assert.Equal(10.25 * Frame.Duration, _caller.Asked);
        Assert.Equal(64 * Frame.Duration, _caller.Answer);

        void Hear(int frames, bool hears = false)
        {
            Listen(frames, hears);
            phases.Add(_caller.Phase);
        }
    }

    [Fact]
    public void Recording_HoldsBothSides()
    {
        Listen(20, hears: true);
        Listen(60);

        Assert.Equal(80 * 160, _caller.Said.Length);
        Assert.Equal(80 * 160, _caller.Heard.Length);
        Assert.Equal(Tone.Frame, _caller.Heard[..160].ToArray());
    }

    [Fact]
    public void Sayings_AreKept()
    {
        _caller.Notice(new(PhoneEventKind.Said, "Sorry."));

        Assert.Equal(["Sorry."], _caller.Sayings);
        Assert.False(_caller.IsConnected);
    }

    private void Hear(Clip clip)
    {
        foreach (var frame in ClipFrames.AudioOf(clip).Chunk(Frame.Length))
        {
            _caller.Hear(frame);
        }
    }

    /// <returns>How many whole frames of the question were said.</returns>
    private int Listen(int frames, bool hears = false)
    {
        var said = new byte[160];
        var asked = 0;
        for (var i = 0; i < frames; i++)
        {
            _caller.Speak(said);
            _caller.Hear(hears ? Tone.Frame : Tone.SilentFrame);
            asked += said[159] == MuLaw.Silence ? 0 : 1;
        }

        return asked;
    }
}
