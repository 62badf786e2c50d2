namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>G.711 µ-law at 8 kHz, one channel: one byte a sample.</summary>
internal static class MuLaw
{
    public const int BytesPerSecond = 8000;
    public const int BytesPerMs = 8;

    // Squared amplitude of each code, full scale being 1.
    private static readonly double[] Powers = [.. Enumerable.Range(0, 256).Select(code => Math.Pow(Decode((byte)code) / 32768.0, 2))];

    public static double MeanPower(ReadOnlySpan<byte> audio)
    {
        var sum = 0.0;
        foreach (var code in audio)
        {
            sum += Powers[code];
        }

        return sum / audio.Length;
    }

    // ITU-T G.711: sign, 3 bits of exponent and 4 of mantissa, all inverted, with a bias of 0x84.
    private static int Decode(byte code)
    {
        var bits = ~code;
        var magnitude = ((((bits & 0x0F) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
        return (bits & 0x80) != 0 ? -magnitude : magnitude;
    }
}
