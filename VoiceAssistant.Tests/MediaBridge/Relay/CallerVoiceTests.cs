using System.Text;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Local;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

public sealed class CallerVoiceTests
{
    private const int FramesPerSecond = 50;
    private const int Frame = 160;

    private readonly FakeTimeProvider _time = new();
    private readonly Random _random = new(1);
    private readonly CallerVoice _voice;

    public CallerVoiceTests() => _voice = new(_time);

    [Fact]
    public void Quiet_IsCounted_FromTheLastLoudFrame()
    {
        Hear(seconds: 3, amplitude: 8000);
        Assert.InRange(_voice.Quiet.TotalSeconds, 0, 0.02);

        Hear(seconds: 4, amplitude: 0);
        Assert.InRange(_voice.Quiet.TotalSeconds, 3.98, 4.02);
    }

    [Theory]
    [InlineData(8000, 400)]
    [InlineData(1000, 50)]
    public void Quiet_IsCounted_AlsoOnALineThatHums(int voice, int hum)
    {
        Hear(seconds: 10, amplitude: hum);
        Hear(seconds: 4, amplitude: voice);

        Hear(seconds: 4, amplitude: hum);

        Assert.InRange(_voice.Quiet.TotalSeconds, 3.9, 4.02);
    }

    [Fact]
    public void SoftVoice_IsHeard_AfterAKnock()
    {
        Hear(seconds: 3, amplitude: 500);
        Hear(seconds: 0.1, amplitude: 30_000);

        for (var second = 0; second < 10; second++)
        {
            Hear(seconds: 0.5, amplitude: 500);
            Hear(seconds: 0.5, amplitude: 0);
        }

        Assert.InRange(_voice.Quiet.TotalSeconds, 0, 0.6);
    }

    [Fact]
    public void Quiet_IsCounted_WhereNoFramesComeAtAll()
    {
        Hear(seconds: 1, amplitude: 8000);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.InRange(_voice.Quiet.TotalSeconds, 5, 5.02);
    }

    [Fact]
    public void Frames_MayBeOfAnyLength()
    {
        foreach (var length in new[] { 1, 159, 161, 4096 })
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _voice.Hear(Base64(length, amplitude: 8000));
            Assert.Equal(TimeSpan.Zero, _voice.Quiet);
        }
    }

    private void Hear(double seconds, int amplitude)
    {
        for (var frame = 0; frame < seconds * FramesPerSecond; frame++)
        {
            _voice.Hear(Base64(Frame, amplitude));
            _time.Advance(TimeSpan.FromSeconds(1) / FramesPerSecond);
        }
    }

    private byte[] Base64(int length, int amplitude)
    {
        var audio = new byte[length];
        for (var i = 0; i < length; i++)
        {
            audio[i] = MuLaw.Encode((short)(amplitude * (_random.NextDouble() < 0.5 ? -1 : 1)));
        }

        return Encoding.ASCII.GetBytes(Convert.ToBase64String(audio));
    }
}
