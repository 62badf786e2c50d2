using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Local;
using VoiceAssistant.Local.Chaos;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Local.Phone.CommandLine;

namespace VoiceAssistant.Tests.Local.Chaos;

public sealed class ChaosCallerTests
{
    private static readonly byte[] Question = WavCaller.ReadBuiltInQuestion();
    private static readonly byte[] Silence = [.. Enumerable.Repeat(MuLaw.Silence, Frame.Length)];

    private readonly FakeTimeProvider _time = new();
    private readonly CallTape _tape;
    private readonly ChaosCaller _caller;

    public ChaosCallerTests()
    {
        _tape = new(0, _time, _time.GetTimestamp());
        _caller = new(_tape, Question, new Random(1));
        _caller.Notice(new(PhoneEventKind.Dialling));
        _caller.Notice(new(PhoneEventKind.Connected));
    }

    [Fact]
    public void Caller_Asks_WhereNobodyGreets_AndAsksAgain_WhereNobodyAnswers()
    {
        Assert.InRange(SilentFrames(), 8 * Frame.PerSecond, 9 * Frame.PerSecond);
        for (var said = Frame.Length; said < Question.Length; said += Frame.Length)
        {
            Assert.Equal(Question[said..(said + Frame.Length)], Exchange());
        }

        Assert.InRange(SilentFrames(), 8 * Frame.PerSecond, 9 * Frame.PerSecond);
        _tape.Note(Happening.Question);
        Assert.Equal(1, SilenceMeter.LostTurns(_tape));
    }

    // Callers do not notice that a stream breaks and another follows.
    [Fact]
    public void Caller_GoesOnTalking_ThroughABreak()
    {
        SilentFrames();
        Exchange();
        _caller.Notice(new(PhoneEventKind.StreamEnded));
        _time.Advance(10 * Frame.Duration);
        _caller.Notice(new(PhoneEventKind.Connected));

        Assert.Equal(Question[(12 * Frame.Length)..(13 * Frame.Length)], Exchange());

        _caller.Notice(new(PhoneEventKind.StreamEnded));
        _time.Advance(TimeSpan.FromSeconds(6));
        _caller.Notice(new(PhoneEventKind.Connected));

        Assert.Equal(Silence, Exchange());
        var question = Assert.Single(_tape.Events, one => one.What is Happening.Question);
        Assert.Equal(TimeSpan.FromMilliseconds(Question.Length / 8), question.To - question.From);
    }

    /// <returns>How many frames it takes until the caller says something, the first frame of which is taken.</returns>
    private int SilentFrames()
    {
        for (var frames = 0; ; frames++)
        {
            if (!Exchange().SequenceEqual(Silence))
            {
                return frames;
            }
        }
    }

    private byte[] Exchange()
    {
        var frame = new byte[Frame.Length];
        _caller.Speak(frame);
        _caller.Hear(Silence);
        _time.Advance(Frame.Duration);
        return frame;
    }
}
