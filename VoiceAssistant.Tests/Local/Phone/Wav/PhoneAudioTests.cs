using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone.Wav;

namespace VoiceAssistant.Tests.Local.Phone.Wav;

public sealed class PhoneAudioTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("phone").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Recording_CanBeReadAgain_AsStereo()
    {
        byte[] caller = [.. Enumerable.Range(0, 256).Select(code => (byte)code)];
        byte[] assistant = [.. caller.Reverse()];
        var file = new MemoryStream();

        PhoneAudio.Write(file, caller, assistant);

        var (samples, rate) = WavReader.Read(file.ToArray());
        Assert.Equal(8000, rate);
        Assert.Equal(
            caller.Zip(assistant, (left, right) => (MuLaw.Decode(left) + MuLaw.Decode(right)) / 2 / Tone.FullScale),
            samples);
    }

    [Fact]
    public void Speech_ComesOutAsItWentIn_ThroughAFileOf8Kilohertz()
    {
        byte[] codes = [.. Enumerable.Range(128, 128).Select(code => (byte)code)];
        var path = Save([.. codes.SelectMany(code => BitConverter.GetBytes(MuLaw.Decode(code)))], WavCoding.Pcm, 16);

        Assert.Equal(codes, PhoneAudio.Read(path));
    }

    [Fact]
    public void LoudFloat_IsClipped()
    {
        var path = Save([.. BitConverter.GetBytes(3f), .. BitConverter.GetBytes(-3f)], WavCoding.Float, 32);

        Assert.Equal([0x80, 0x00], PhoneAudio.Read(path));
    }

    [Fact]
    public void MissingFile_IsSaidInASentence()
    {
        var path = Path.Combine(_folder, "nope", "question.wav");

        Assert.Equal($"{path} does not exist; --wav expects a WAV file.", Refusal(path));
    }

    [Fact]
    public void NoName_IsSaidInASentence() => Assert.Equal(" does not exist; --wav expects a WAV file.", Refusal(""));

    [Fact]
    public void Directory_IsSaidInASentence() =>
        Assert.Equal($"{_folder} is a directory; --wav expects a WAV file.", Refusal(_folder));

    [Fact]
    public void WrongFile_IsSaidInASentence()
    {
        var path = Path.Combine(_folder, "notes.txt");
        File.WriteAllText(path, "Not a sound.");

        Assert.Equal($"{path} cannot be used: it is not a WAV file.", Refusal(path));
    }

    private static string Refusal(string path) => Assert.Throws<InvalidDataException>(() => PhoneAudio.Read(path)).Message;

    private string Save(byte[] data, WavCoding coding, int bits)
    {
        var path = Path.Combine(_folder, "question.wav");
        File.WriteAllBytes(path, WavFile.Create(coding, 1, 8000, bits, data));
        return path;
    }
}
