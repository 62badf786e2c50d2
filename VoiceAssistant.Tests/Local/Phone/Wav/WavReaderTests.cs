using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone.Wav;

namespace VoiceAssistant.Tests.Local.Phone.Wav;

public class WavReaderTests
{
    public static TheoryData<int, int, bool> Formats { get; } = new(
        from format in new[] { (WavCoding.Pcm, 8), (WavCoding.Pcm, 16), (WavCoding.Pcm, 24), (WavCoding.Pcm, 32), (WavCoding.Float, 32), (WavCoding.MuLaw, 8) }
        from extensible in new[] { false, true }
        select ((int)format.Item1, format.Item2, extensible));

    [Theory]
    [MemberData(nameof(Formats))]
    public void Samples_AreRead_InEveryFormat(int coding, int bits, bool extensible)
    {
        float[] expected = [0, 0.5f, -0.5f, 0.25f, -0.75f];
        byte[] data = [.. expected.SelectMany(sample => Store(sample, (WavCoding)coding, bits))];

        var (samples, rate) = WavReader.Read(WavFile.Create((WavCoding)coding, 1, 22050, bits, data, extensible));

        Assert.Equal(22050, rate);
        Assert.Equal(expected.Length, samples.Length);
        Assert.All(samples.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, (WavCoding)coding == WavCoding.MuLaw ? 0.02f : 0.01f));
    }

    [Fact]
    public void Stereo_IsMixed()
    {
        byte[] data = [.. new short[] { 1000, 3000, -2000, 2000 }.SelectMany(BitConverter.GetBytes)];

        var (samples, _) = WavReader.Read(WavFile.Create(WavCoding.Pcm, 2, 48000, 16, data));

        Assert.Equal([2000 / Tone.FullScale, 0], samples);
    }

    [Fact]
    public void NotANumber_IsSilence()
    {
        byte[] data = [.. new[] { float.NaN, float.PositiveInfinity, 0.5f }.SelectMany(BitConverter.GetBytes)];

        Assert.Equal([0, 0, 0.5f], WavReader.Read(WavFile.Create(WavCoding.Float, 1, 8000, 32, data)).Samples);
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(100u)]
    public void DataChunk_IsReadToTheEndOfTheFile_WhereItsSizeIsUnknown(uint size)
    {
        var file = WavFile.Riff(
            WavFile.Chunk("fmt ", WavFile.Format(WavCoding.Pcm, 1, 8000, 16)),
            WavFile.Chunk("data", new byte[8], size));

        Assert.Equal(4, WavReader.Read(file).Samples.Length);
    }

    public static TheoryData<byte[], string> WrongFiles { get; } = new()
    {
        { [], "it is not a WAV file" },
        { "RIFF"u8.ToArray(), "it is not a WAV file" },
        { "RIFF....AVI LIST"u8.ToArray(), "it is not a WAV file" },
        { "ID3\x04..........."u8.ToArray(), "it is an MP3 file, not a WAV file" },
        { [0xFF, 0xFB, 0x90, 0x44, .. new byte[20]], "it is an MP3 file, not a WAV file" },
        { WavFile.Riff(), "it holds no audio" },
        { WavFile.Riff(WavFile.Chunk("data", new byte[8])), "its format is missing" },
        { WavFile.Riff(WavFile.Chunk("fmt ", new byte[8])), "its header is cut off" },
        { WavFile.Riff(WavFile.Chunk("fmt ", new byte[8], size: 16)), "its header is cut off" },
        { WavFile.Create(WavCoding.Pcm, 1, 8000, 16, []), "it holds no audio" },
        { WavFile.Create(WavCoding.Pcm, 2, 8000, 16, new byte[3]), "it holds no audio" },
        { WavFile.Create(WavCoding.Pcm, 6, 8000, 16, new byte[12]), "it has 6 channels of 16-bit PCM at 8000 Hz; expected are" },
        { WavFile.Create(WavCoding.Pcm, 0, 8000, 16, new byte[12]), "it has 0 channels" },
        { WavFile.Create(WavCoding.Pcm, 1, 8000, 12, new byte[12]), "it has 1 channels of 12-bit PCM" },
        { WavFile.Create(WavCoding.Pcm, 1, 4000, 16, new byte[12]), "at 4000 Hz" },
        { WavFile.Create(WavCoding.Pcm, 1, 96000, 16, new byte[12]), "at 96000 Hz" },
        { WavFile.Create((WavCoding)0x55, 1, 8000, 16, new byte[12]), "16-bit audio with the code 85" },
    };

    [Theory]
    [MemberData(nameof(WrongFiles))]
    public void WrongFile_IsRefused_WithItsReason(byte[] file, string reason)
    {
        var refusal = Assert.Throws<InvalidDataException>(() => WavReader.Read(file));

        Assert.StartsWith(reason.StartsWith("it", StringComparison.Ordinal) ? reason : "it has", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnyPrefixOfAFile_IsReadOrRefused()
    {
        var file = WavFile.Create(WavCoding.Pcm, 1, 8000, 16, new byte[40], extensible: true);
        for (var length = 0; length < file.Length; length++)
        {
            try
            {
                WavReader.Read(file.AsSpan(0, length));
            }
            catch (InvalidDataException)
            {
                // Refused.
            }
        }
    }

    private static byte[] Store(float sample, WavCoding coding, int bits) => (coding, bits) switch
    {
        (WavCoding.MuLaw, _) => [MuLaw.Encode((short)(sample * Tone.FullScale))],
        (WavCoding.Float, _) => BitConverter.GetBytes(sample),
        (_, 8) => [(byte)(128 + sample * 128)],
        _ => BitConverter.GetBytes((int)(sample * 2147483648.0))[(4 - bits / 8)..],
    };
}
