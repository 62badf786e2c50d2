namespace VoiceAssistant.Tests.Local.OfflineAssistant;

/// <summary>µ-law to listen to.</summary>
internal static class Sound
{
    public static byte[] Silence(int ms) => Enumerable.Repeat((byte)0xFF, ms * 8).ToArray();

    public static byte[] Tone(int ms, double decibels = -18, int hertz = 440)
    {
        var amplitude = Math.Sqrt(2) * Math.Pow(10, decibels / 20);
        return [.. Enumerable.Range(0, ms * 8).Select(sample => Encode(amplitude * Math.Sin(2 * Math.PI * hertz * sample / 8000)))];
    }

    public static byte[] Noise(int ms, double decibels, int seed)
    {
        // Uniform noise of amplitude a has a power of a² / 3.
        var random = new Random(seed);
        var amplitude = Math.Sqrt(3) * Math.Pow(10, decibels / 20);
        return [.. Enumerable.Range(0, ms * 8).Select(_ => Encode(amplitude * ((2 * random.NextDouble()) - 1)))];
    }

    // ITU-T G.711, from the sample's segment upwards.
    private static byte Encode(double sample)
    {
        var magnitude = Math.Min((int)(Math.Abs(sample) * 32768), 32635) + 0x84;
        var exponent = int.Log2(magnitude) - 7;
        var mantissa = (magnitude >> (exponent + 3)) & 0x0F;
        return (byte)~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa);
    }
}
