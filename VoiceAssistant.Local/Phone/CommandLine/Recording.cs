using VoiceAssistant.Local.Phone.Wav;

namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>The file that a call is written to. Opened before the call, so that a wrong path is told at once.</summary>
internal sealed class Recording : IAsyncDisposable
{
    private readonly FileStream _file;
    private readonly bool _isNew;

    private Recording(FileStream file, bool isNew) => (_file, _isNew) = (file, isNew);

    /// <exception cref="InvalidDataException">The file cannot be written.</exception>
    public static Recording Open(string path)
    {
        try
        {
            var isNew = !File.Exists(path);
            // Unbuffered: a full disk is to be noticed where the recording is written, not where the file is closed.
            return new(new(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0), isNew);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidDataException($"--out cannot be written: {ex.Message}");
        }
    }

    /// <exception cref="InvalidDataException">The disk is full, or the file has gone.</exception>
    public void Save(WavCaller caller, TextWriter output)
    {
        if (caller.Said.IsEmpty && caller.Heard.IsEmpty)
        {
            return;
        }

        try
        {
            var wav = new MemoryStream();
            PhoneAudio.Write(wav, caller.Said.Span, caller.Heard.Span);
            _file.Write(wav.ToArray());

            // What an earlier call left there may be longer; not so in a pipe or in /dev/null, which cannot be cut.
            if (_file.CanSeek && _file.Length > _file.Position)
            {
                _file.SetLength(_file.Position);
            }

            output.WriteLine($"Recorded in {_file.Name}: the caller left, the assistant right.");
        }
        catch (IOException ex)
        {
            throw new InvalidDataException($"--out could not be written: {ex.Message}");
        }
    }

    /// <summary>Closes the file, and deletes it where it is new and nothing was recorded.</summary>
    public async ValueTask DisposeAsync()
    {
        var isLeftOver = _isNew && _file is { CanSeek: true, Length: 0 };
        await _file.DisposeAsync();
        if (isLeftOver)
        {
            File.Delete(_file.Name);
        }
    }
}
