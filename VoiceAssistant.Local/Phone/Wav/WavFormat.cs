using System.Buffers.Binary;

namespace VoiceAssistant.Local.Phone.Wav;

/// <summary>How the samples of a WAV file are stored.</summary>
internal readonly record struct WavFormat(WavCoding Coding, int Channels, int SampleRate, int BitsPerSample)
{
    private const int MinHeader = 16;
    private const int SubFormat = 24;

    public int BytesPerSample => BitsPerSample / 8;

    private bool IsSupported => Channels is 1 or 2 && SampleRate is >= 8000 and <= 48000 && (Coding, BitsPerSample) is
        (WavCoding.Pcm, 8 or 16 or 24 or 32) or (WavCoding.Float, 32) or (WavCoding.MuLaw, 8);

    /// <param name="chunk">A fmt chunk's content.</param>
    /// <exception cref="InvalidDataException">It describes nothing this phone can play.</exception>
    public static WavFormat Read(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length < MinHeader)
        {
            throw new InvalidDataException("its header is cut off");
        }

        var coding = (WavCoding)BinaryPrimitives.ReadUInt16LittleEndian(chunk);
        if (coding == WavCoding.Extensible && chunk.Length >= SubFormat + sizeof(ushort))
        {
            // The sub-format is a GUID whose first two bytes are the code that would stand in front.
            coding = (WavCoding)BinaryPrimitives.ReadUInt16LittleEndian(chunk[SubFormat..]);
        }

        var format = new WavFormat(
            coding,
            BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]),
            BinaryPrimitives.ReadInt32LittleEndian(chunk[4..]),
            BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]));

        return format.IsSupported
            ? format
            : throw new InvalidDataException(
                $"it has {format.Channels} channels of {format.BitsPerSample}-bit {Name(coding)} at {format.SampleRate} Hz; "
                + "expected are 1 or 2 channels of 8-, 16-, 24- or 32-bit PCM, 32-bit float or µ-law at 8000 to 48000 Hz");
    }

    public float Decode(ReadOnlySpan<byte> sample) => (Coding, BitsPerSample) switch
    {
        (WavCoding.MuLaw, _) => MuLaw.Decode(sample[0]) / 32768f,
        (WavCoding.Float, _) => BinaryPrimitives.ReadSingleLittleEndian(sample) is var value && float.IsFinite(value) ? value : 0,
        (_, 8) => (sample[0] - 128) / 128f,
        (_, 16) => BinaryPrimitives.ReadInt16LittleEndian(sample) / 32768f,
        (_, 24) => (sample[0] << 8 | sample[1] << 16 | sample[2] << 24) / 2147483648f,
        _ => BinaryPrimitives.ReadInt32LittleEndian(sample) / 2147483648f,
    };

    private static string Name(WavCoding coding) => coding switch
    {
        WavCoding.Pcm => "PCM",
        WavCoding.Float => "float",
        WavCoding.MuLaw => "µ-law",
        _ => $"audio with the code {(int)coding}",
    };
}

/// <summary>The format codes of mmreg.h.</summary>
internal enum WavCoding
{
    Pcm = 1,
    Float = 3,
    MuLaw = 7,
    Extensible = 0xFFFE,
}
