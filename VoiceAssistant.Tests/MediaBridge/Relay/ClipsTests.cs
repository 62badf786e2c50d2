using System.Text;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

public sealed class ClipsTests
{
    public static TheoryData<string> Names { get; } = ["one-moment", "say-that-again", "goodbye", "sorry-goodbye"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Clip_IsSpeech_AndNoFile(string name)
    {
        var clip = Clip.Load(name);
        var audio = Convert.FromBase64String(Encoding.ASCII.GetString(clip.Base64.Span));

        Assert.Equal(audio.Length, clip.Bytes);
        // One to eight seconds: a sentence.
        Assert.InRange(audio.Length, 8_000, 8 * 8_000);
        // Twilio would play a header as a crackle.
        Assert.False(audio.AsSpan().StartsWith("RIFF"u8) || audio.AsSpan().StartsWith(".snd"u8));
        // µ-law's quiet values are around 0x7F and 0xFF.
        Assert.InRange(audio.Count(sample => (sample & 0x7F) < 0x50), audio.Length / 20, audio.Length);
    }

    [Fact]
    public void Clips_AreFour() =>
        Assert.Equal(4, new[] { Clips.OneMoment.Bytes, Clips.SayThatAgain.Bytes, Clips.Goodbye.Bytes, Clips.SorryGoodbye.Bytes }.Distinct().Count());
}
