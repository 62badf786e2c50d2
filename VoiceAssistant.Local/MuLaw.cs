using System.Numerics;

namespace VoiceAssistant.Local;

/// <summary>G.711 µ-law: 14 bits of linear audio in 8, as the phone network carries it.</summary>
internal static class MuLaw
{
    /// <summary>Samples a second, each a byte.</summary>
    public const int SampleRate = 8000;

    public const int BytesPerMs = SampleRate / 1000;

    public const byte Silence = 0xFF;

    // G.711 works on 14 bits with a bias of 33; here on 16 bits, so everything is four times as large.
    private const int Bias = 33 * 4;
    private const int Clip = short.MaxValue - Bias;

    private static readonly short[] Linear = [.. Enumerable.Range(0, 256).Select(code => Expand((byte)code))];

    // Squared amplitude of each code, full scale being 1.
    private static readonly double[] Powers = [.. Linear.Select(sample => Math.Pow(sample / 32768.0, 2))];

    public static short Decode(byte code) => Linear[code];

    /// <returns>0 (nothing) to 1 (full scale); of no audio, not a number.</returns>
    public static double MeanPower(ReadOnlySpan<byte> audio)
    {
        var sum = 0.0;
        foreach (var code in audio)
        {
            sum += Powers[code];
        }

        return sum / audio.Length;
    }

    public static byte Encode(short sample)
    {
        var sign = sample < 0 ? 0x80 : 0;
        var magnitude = Math.Min(Math.Abs((int)sample), Clip) + Bias;

        // The segment is the position of the leading one, which the bias keeps between bits 7 and 14.
        var segment = BitOperations.Log2((uint)magnitude) - 7;
        var step = (magnitude >> (segment + 3)) & 0x0F;

        return (byte)~(sign | (segment << 4) | step);
    }

    private static short Expand(byte code)
    {
        var bits = (byte)~code;
        var magnitude = ((((bits & 0x0F) << 3) + Bias) << ((bits >> 4) & 7)) - Bias;
        return (short)((bits & 0x80) != 0 ? -magnitude : magnitude);
    }
}
