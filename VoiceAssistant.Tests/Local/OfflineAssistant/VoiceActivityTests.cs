using VoiceAssistant.Local;
using VoiceAssistant.Local.OfflineAssistant;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

public sealed class VoiceActivityTests
{
    private static readonly TurnDetection Usual = new(0.5, 300, 500, CreateResponse: true, InterruptResponse: true);

    [Fact]
    public void Silence_IsNoVoice() => Assert.Empty(Changes(Sound.Silence(10_000)));

    [Theory]
    [InlineData(-60)]
    [InlineData(-45)]
    public void Noise_IsNoVoice_AsQuietAsALinesOwn(double decibels) => Assert.Empty(Changes(Sound.Noise(10_000, decibels, seed: 1)));

    [Fact]
    public void Noise_IsAVoiceAtFirst_AndNoneOnceItHasLasted()
    {
        var changes = Changes(Sound.Noise(20_000, -35, seed: 1));

        Assert.Equal(2, changes.Count);
        Assert.Equal((VoiceChange.Started, 60), changes[0]);
        Assert.Equal(VoiceChange.Stopped, changes[1].Change);
        Assert.InRange(changes[1].AtMs, 5_000, 6_000);
    }

    [Theory]
    [InlineData(-18)]
    [InlineData(-30)]
    public void Tone_IsAVoice_FromItsThirdWindowToTheEndOfTheSilence(double decibels) =>
        Assert.Equal(
            [(VoiceChange.Started, 460), (VoiceChange.Stopped, 1900)],
            Changes([.. Sound.Silence(400), .. Sound.Tone(1000, decibels), .. Sound.Silence(2000)]));

    [Fact]
    public void Voice_IsHeard_OverANoisyLine()
    {
        byte[] line = Sound.Noise(6_000, -40, seed: 1);
        var quiet = line.Length / 8;

        var changes = Changes([.. line, .. Sound.Tone(1000, -18), .. Sound.Noise(2_000, -40, seed: 2)]);

        Assert.Equal([(VoiceChange.Started, quiet + 60), (VoiceChange.Stopped, quiet + 1500)], changes.Where(change => change.AtMs > quiet));
    }

    [Fact]
    public void Click_IsNoVoice() => Assert.Empty(Changes([.. Sound.Silence(400), .. Sound.Tone(40, -6), .. Sound.Silence(1000)]));

    [Theory]
    [InlineData(480, 2)]
    [InlineData(500, 4)]
    public void Pause_EndsTheTurn_WhenItIsAsLongAsTheSilenceDuration(int pauseMs, int changes) =>
        Assert.Equal(changes, Changes([.. Sound.Tone(500), .. Sound.Silence(pauseMs), .. Sound.Tone(500), .. Sound.Silence(1000)]).Count);

    [Fact]
    public void QuietVoice_IsHeard_AtALowThresholdOnly()
    {
        byte[] whisper = [.. Sound.Silence(400), .. Sound.Tone(500, -44), .. Sound.Silence(1000)];

        Assert.Empty(Changes(whisper));
        Assert.Equal(2, Changes(whisper, Usual with { Threshold = 0.2 }).Count);
    }

    [Fact]
    public void Question_IsOneTurn()
    {
        using var resource = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Phone", "wwwroot", "clips", "question.ulaw"));
        var question = new byte[resource.Length];
        resource.ReadExactly(question);

        Assert.Equal(
            [VoiceChange.Started, VoiceChange.Stopped],
            Changes([.. Sound.Noise(1000, -55, seed: 1), .. question, .. Sound.Noise(1000, -55, seed: 2)]).Select(change => change.Change));
    }

    [Fact]
    public void MeanPower_IsThatOfTheSamples()
    {
        Assert.Equal(0, MuLaw.MeanPower(Sound.Silence(20)));
        Assert.Equal(-18, 10 * Math.Log10(MuLaw.MeanPower(Sound.Tone(1000))), tolerance: 0.1);
        Assert.Equal(Math.Pow(32124 / 32768.0, 2), MuLaw.MeanPower([0x00, 0x80]), tolerance: 1e-9);
    }

    private static List<(VoiceChange Change, int AtMs)> Changes(byte[] audio, TurnDetection? detection = null)
    {
        var activity = new VoiceActivity();
        var changes = new List<(VoiceChange, int)>();
        for (var start = 0; start + VoiceActivity.WindowBytes <= audio.Length; start += VoiceActivity.WindowBytes)
        {
            var change = activity.Examine(audio.AsSpan(start, VoiceActivity.WindowBytes), detection ?? Usual);
            if (change != VoiceChange.None)
            {
                changes.Add((change, (start + VoiceActivity.WindowBytes) / 8));
            }
        }

        return changes;
    }
}
