using System.Buffers.Binary;

namespace VoiceAssistant.Local.Phone.Wav;

/// <summary>Reads what a machine records: RIFF with any chunks around the samples.</summary>
internal static class WavReader
{
    /// <returns>The samples between -1 and 1, the channels mixed into one.</returns>
    /// <exception cref="InvalidDataException">The message says what is wrong, to stand after "cannot be used: ".</exception>
    public static (float[] Samples, int SampleRate) Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < 12 || !file.StartsWith("RIFF"u8) || !file[8..12].SequenceEqual("WAVE"u8))
        {
            throw new InvalidDataException(IsMp3(file) ? "it is an MP3 file, not a WAV file" : "it is not a WAV file");
        }

        WavFormat? format = null;
        var rest = file[12..];
        while (rest.Length >= 8)
        {
            var id = rest[..4];
            var size = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            rest = rest[8..];

            // Who records into a pipe cannot know the size and writes a huge one: what is there counts.
            var chunk = rest[..(int)Math.Min(size, rest.Length)];
            if (id.SequenceEqual("data"u8))
            {
                return format is { } known ? (Decode(known, chunk), known.SampleRate) : throw new InvalidDataException("its format is missing");
            }

            if (id.SequenceEqual("fmt "u8))
            {
                format = chunk.Length == size ? WavFormat.Read(chunk) : throw new InvalidDataException("its header is cut off");
            }

            // Chunks begin at even positions.
            rest = rest[(int)Math.Min(size + (long)(size & 1), rest.Length)..];
        }

        throw new InvalidDataException("it holds no audio");
    }

    private static float[] Decode(WavFormat format, ReadOnlySpan<byte> data)
    {
        var samples = new float[data.Length / format.BytesPerSample / format.Channels];
        if (samples.Length == 0)
        {
            throw new InvalidDataException("it holds no audio");
        }

        var position = 0;
        foreach (ref var sample in samples.AsSpan())
        {
            for (var channel = 0; channel < format.Channels; channel++)
            {
                sample += format.Decode(data[position..]) / format.Channels;
                position += format.BytesPerSample;
            }
        }

        return samples;
    }

    private static bool IsMp3(ReadOnlySpan<byte> file) =>
        file.StartsWith("ID3"u8) || (file.Length >= 2 && file[0] == 0xFF && (file[1] & 0xE6) == 0xE2);
}
