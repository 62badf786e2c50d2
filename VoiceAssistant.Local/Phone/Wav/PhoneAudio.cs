namespace VoiceAssistant.Local.Phone.Wav;

/// <summary>WAV files as the phone speaks and records them.</summary>
internal static class PhoneAudio
{
    // Nine minutes of stereo at 48 kHz: more is no question to ask on the phone.
    private const int MaxFile = 100 * 1024 * 1024;

    /// <returns>The file's audio as a caller speaks it: µ-law at 8 kHz.</returns>
    /// <exception cref="InvalidDataException">The message is a sentence for people.</exception>
    public static byte[] Read(string path)
    {
        if (Directory.Exists(path))
        {
            throw new InvalidDataException($"{path} is a directory; --wav expects a WAV file.");
        }

        try
        {
            if (new FileInfo(path).Length > MaxFile)
            {
                throw new InvalidDataException($"it is larger than {MaxFile / 1024 / 1024} MB");
            }

            var (samples, rate) = WavReader.Read(File.ReadAllBytes(path));
            return [.. Resampler.ToPhoneRate(samples, rate).Select(sample => MuLaw.Encode((short)Math.Clamp(sample * 32768, short.MinValue, short.MaxValue)))];
        }
        catch (Exception ex) when (ex is FileNotFoundException or DirectoryNotFoundException or ArgumentException)
        {
            throw new InvalidDataException($"{path} does not exist; --wav expects a WAV file.");
        }
        catch (Exception ex) when (ex is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be used: {ex.Message.TrimEnd('.')}.");
        }
    }

    /// <summary>Writes both sides of a call as 16-bit stereo, the caller left, the assistant right, and closes the output.</summary>
    public static void Write(Stream output, ReadOnlySpan<byte> caller, ReadOnlySpan<byte> assistant)
    {
        const int Channels = 2;
        const int BytesPerSample = sizeof(short);

        var length = Math.Min(caller.Length, assistant.Length);
        var size = length * Channels * BytesPerSample;
        using var writer = new BinaryWriter(output);
        writer.Write("RIFF"u8);
        writer.Write(36 + size);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)WavCoding.Pcm);
        writer.Write((short)Channels);
        writer.Write(MuLaw.SampleRate);
        writer.Write(MuLaw.SampleRate * Channels * BytesPerSample);
        writer.Write((short)(Channels * BytesPerSample));
        writer.Write((short)(8 * BytesPerSample));
        writer.Write("data"u8);
        writer.Write(size);
        for (var i = 0; i < length; i++)
        {
            writer.Write(MuLaw.Decode(caller[i]));
            writer.Write(MuLaw.Decode(assistant[i]));
        }
    }
}
