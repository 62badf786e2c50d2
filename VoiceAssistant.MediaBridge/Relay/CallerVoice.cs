using System.Buffers.Text;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>Hears for how long the caller has said nothing. The model tells that as well, unless it tells nothing any more.</summary>
internal sealed class CallerVoice(TimeProvider time)
{
    // A frame of Twilio's; what a longer one has beyond says nothing new.
    private const int Window = 160;

    // Below -60 dB nobody speaks.
    private const double LeastPower = 1e-6;

    // Words fade, and lines hum: 17 dB below what is usual on this one, it is no voice.
    private const double Fading = 0.02;

    // What is usual is that of some five seconds.
    private const double Weight = 1.0 / 250;

    // Squared amplitude of each µ-law code, full scale being 1.
    private static readonly double[] Powers = [.. Enumerable.Range(0, 256).Select(code => Math.Pow(Magnitude((byte)code) / 32768.0, 2))];

    private double _usual;
    private long _heardAt = time.GetTimestamp();

    public TimeSpan Quiet => time.GetElapsedTime(Volatile.Read(ref _heardAt));

    /// <param name="base64">Valid base64 of µ-law.</param>
    public void Hear(ReadOnlySpan<byte> base64)
    {
        Span<byte> audio = stackalloc byte[Window];
        Base64.DecodeFromUtf8(base64, audio, out _, out var length);
        var power = 0.0;
        foreach (var code in audio[..length])
        {
            power += Powers[code] / length;
        }

        if (power > Math.Max(LeastPower, _usual * Fading))
        {
            Volatile.Write(ref _heardAt, time.GetTimestamp());
        }

        _usual += (power - _usual) * Weight;
    }

    // G.711, on 16 bits.
    private static int Magnitude(byte code)
    {
        const int Bias = 33 * 4;
        var bits = (byte)~code;
        return ((((bits & 0x0F) << 3) + Bias) << ((bits >> 4) & 7)) - Bias;
    }
}
