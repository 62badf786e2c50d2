using System.Numerics;

namespace VoiceAssistant.Local.Phone.Wav;

/// <summary>Brings audio to 8 kHz by a Kaiser-windowed sinc, so that nothing above 4 kHz folds back into what is heard.</summary>
internal static class Resampler
{
    // Flat over the phone band (3.4 kHz), 70 dB down at 4 kHz: that takes 64 periods of the output around each sample.
    private const double Cutoff = 3700;
    private const int HalfWidth = 32;
    private const double Beta = 6.8;

    /// <param name="rate">8000 or more.</param>
    /// <param name="samples">Taken as silent before and after.</param>
    public static float[] ToPhoneRate(ReadOnlySpan<float> samples, int rate)
    {
        if (rate == MuLaw.SampleRate)
        {
            return samples.ToArray();
        }

        // Output n lies at input n · down / up: one of `up` places between two input samples, each with a kernel of its own.
        var divisor = (int)BigInteger.GreatestCommonDivisor(rate, MuLaw.SampleRate);
        var (up, down) = (MuLaw.SampleRate / divisor, rate / divisor);
        var kernels = new float[up][];
        var reach = HalfWidth * rate / MuLaw.SampleRate;

        var output = new float[(int)(((long)samples.Length * up + down - 1) / down)];
        for (var n = 0; n < output.Length; n++)
        {
            var (center, phase) = Math.DivRem((long)n * down, up);
            output[n] = Convolve(samples, (int)center - reach, kernels[phase] ??= Kernel((double)phase / up, reach, rate));
        }

        return output;
    }

    private static float Convolve(ReadOnlySpan<float> samples, int start, float[] kernel)
    {
        var first = Math.Max(0, -start);
        var last = Math.Min(kernel.Length, samples.Length - start);
        var sum = 0f;
        for (var i = first; i < last; i++)
        {
            sum += samples[start + i] * kernel[i];
        }

        return sum;
    }

    private static float[] Kernel(double fraction, int reach, int rate)
    {
        var kernel = new float[2 * reach + 1];
        for (var i = 0; i < kernel.Length; i++)
        {
            var distance = i - reach - fraction;
            var x = 2 * Cutoff / rate * distance;
            var sinc = x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
            var edge = distance / (reach + 1);
            kernel[i] = (float)(sinc * BesselI0(Beta * Math.Sqrt(1 - edge * edge)));
        }

        // Each kernel passes a constant unchanged, or the places between samples would be heard as a tone.
        var gain = kernel.Sum();
        return [.. kernel.Select(weight => weight / gain)];
    }

    private static double BesselI0(double x)
    {
        var (sum, term) = (1.0, 1.0);
        for (var k = 1; term > sum * 1e-12; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }
}
