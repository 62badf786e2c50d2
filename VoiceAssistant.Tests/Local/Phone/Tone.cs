using VoiceAssistant.Local;

namespace VoiceAssistant.Tests.Local.Phone;

/// <summary>Audio to test with.</summary>
internal static class Tone
{
    public const float FullScale = 32768;

    /// <summary>A frame of 500 Hz, as loud as someone speaks.</summary>
    public static byte[] Frame { get; } = [.. Sine(500, MuLaw.SampleRate, 160).Select(sample => MuLaw.Encode((short)(sample * 8000)))];

    public static byte[] SilentFrame { get; } = [.. Enumerable.Repeat(MuLaw.Silence, 160)];

    public static float[] Sine(double frequency, int rate, int samples) =>
        [.. Enumerable.Range(0, samples).Select(i => (float)Math.Sin(2 * Math.PI * frequency * i / rate))];

    /// <summary>The amplitude of one frequency in a signal.</summary>
    public static double Amplitude(ReadOnlySpan<float> samples, double frequency, int rate)
    {
        var (real, imaginary) = (0.0, 0.0);
        for (var i = 0; i < samples.Length; i++)
        {
            var angle = 2 * Math.PI * frequency * i / rate;
            real += samples[i] * Math.Cos(angle);
            imaginary += samples[i] * Math.Sin(angle);
        }

        return 2 * Math.Sqrt(real * real + imaginary * imaginary) / samples.Length;
    }
}
