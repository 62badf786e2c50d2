using VoiceAssistant.Local;
using VoiceAssistant.Local.Chaos;
using VoiceAssistant.Local.OfflineAssistant;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Local.Phone.CommandLine;
using BridgeClips = VoiceAssistant.MediaBridge.Relay.Clips;

namespace VoiceAssistant.Tests.Local.Chaos;

public sealed class EarTests
{
    private static readonly byte[] Question = WavCaller.ReadBuiltInQuestion();
    private static readonly byte[] Answer = [.. Clip.YouSaid.Audio.Span, .. Question];

    private readonly CallTape _tape = new(0, TimeProvider.System, 0);
    private readonly Ear _ear;
    private TimeSpan _now;

    public EarTests() => _ear = new(_tape);

    [Fact]
    public void Greeting_IsWhole_AtItsEnd()
    {
        Hear(Clip.Greeting.Audio.ToArray());

        Assert.True(_ear.IsSettled);
        Assert.Equal(Happening.Words, _tape.Events[^1].What);
        Assert.All(_tape.Events.SkipLast(1).Where(one => one.To < TimeSpan.FromSeconds(5)), one => Assert.Equal(Happening.Fragment, one.What));
    }

    [Fact]
    public void Greeting_IsAFragment_WhereItIsCutOff()
    {
        Hear(Clip.Greeting.Audio[..30_000].ToArray());

        Assert.False(_ear.IsSettled);
        Assert.All(_tape.Events, one => Assert.Equal(Happening.Fragment, one.What));
    }

    // A session that takes over hears the rest of the question only, and repeats that.
    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    public void Answer_IsWhole_WhereItEndsAsTheQuestionDoes(int heardFrom)
    {
        _ear.Asked(Question, _now);

        Hear([.. Clip.YouSaid.Audio.Span, .. Question.AsSpan(heardFrom)]);

        Assert.True(_ear.IsSettled);
    }

    [Fact]
    public void Answer_IsAFragment_WhereItIsCutOff()
    {
        _ear.Asked(Question, _now);

        Hear(Answer[..15_000]);

        Assert.False(_ear.IsSettled);
    }

    [Fact]
    public void AnyWords_AreWhole_WhereTheQuestionWasCutOff()
    {
        _ear.Asked(null, _now);

        Hear(Answer[..15_000]);

        Assert.True(_ear.IsSettled);
    }

    [Fact]
    public void EarconsAndShortWords_AreKnown()
    {
        _ear.Asked(Question, _now);
        Hear(ClipFrames.AudioOf(BridgeClips.OneMoment));
        Assert.False(_ear.IsSettled);
        Assert.All(_tape.Events, one => Assert.Equal(Happening.Earcon, one.What));

        Hear(Clip.Listening.Audio.ToArray());

        Assert.True(_ear.IsSettled);
        Assert.Equal(Happening.Words, _tape.Events[^1].What);
    }

    // The earcon is cut off by the answer that it was for.
    [Fact]
    public void AnswerRightBehindAnEarcon_IsHeard()
    {
        _ear.Asked(Question, _now);

        Hear([.. ClipFrames.AudioOf(BridgeClips.OneMoment)[..6400], .. Question.AsSpan(Question.Length - 4800)]);

        Assert.True(_ear.IsSettled);
        Assert.Equal(Happening.Words, _tape.Events[^1].What);
    }

    private void Hear(byte[] audio)
    {
        byte[] pause = [.. Enumerable.Repeat(MuLaw.Silence, MuLaw.SampleRate)];
        foreach (var frame in audio.Concat(pause).Chunk(Frame.Length).Where(frame => frame.Length == Frame.Length))
        {
            _now += Frame.Duration;
            _ear.Hear(frame, _now);
        }
    }

}
