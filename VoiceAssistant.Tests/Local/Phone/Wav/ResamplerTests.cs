using VoiceAssistant.Local.Phone.Wav;

namespace VoiceAssistant.Tests.Local.Phone.Wav;

public class ResamplerTests
{
    public static TheoryData<int> Rates { get; } = [11025, 16000, 22050, 24000, 32000, 44100, 48000, 47999];

    [Theory]
    [MemberData(nameof(Rates))]
    public void Tones_Survive_InThePhoneBand(int rate)
    {
        int[] frequencies = [300, 1000, 3000, 3400];
        foreach (var frequency in frequencies)
        {
            var output = Resampler.ToPhoneRate(Tone.Sine(frequency, rate, rate), rate);

            Assert.Equal(8000, output.Length);
            Assert.InRange(Tone.Amplitude(output.AsSpan(400, 7200), frequency, 8000), 0.98, 1.02);
        }
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void Tones_AboveFourKilohertz_DoNotFoldBack(int rate)
    {
        int[] frequencies = [4050, 4500, 5000, 7000, 12000, 20000];
        foreach (var frequency in frequencies.Where(frequency => frequency < rate / 2))
        {
            var output = Resampler.ToPhoneRate(Tone.Sine(frequency, rate, rate), rate);

            // 60 dB down everywhere, not only where the alias would lie; the tone's own sudden start and end are wide in frequency.
            Assert.InRange(output.AsSpan(400, 7200).ToArray().Max(Math.Abs), 0, 0.001);
        }
    }

    [Fact]
    public void PhoneRate_IsLeftAlone() =>
        Assert.Equal([0.1f, -0.2f, 0.3f], Resampler.ToPhoneRate([0.1f, -0.2f, 0.3f], 8000));

    [Fact]
    public void Constant_StaysConstant()
    {
        var output = Resampler.ToPhoneRate(Enumerable.Repeat(0.5f, 44100).ToArray(), 44100);

        Assert.All(output[100..^100], sample => Assert.Equal(0.5f, sample, 1e-5f));
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void Impulse_StaysWhereItWas(int rate)
    {
        var input = new float[rate];
        input[rate / 2] = 1;

        var output = Resampler.ToPhoneRate(input, rate);

        Assert.Equal(4000, Array.IndexOf(output, output.Max()), 1.0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void FewSamples_AreEnough(int samples) =>
        Assert.Equal((samples + 5) / 6, Resampler.ToPhoneRate(new float[samples], 48000).Length);
}
