using Microsoft.Playwright;
using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone.Wav;

namespace VoiceAssistant.Tests.Local.Phone;

/// <summary>One Chromium for a class of tests: the one that is installed, since none is downloaded.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe"];

    // Without the fake UI, a page has a microphone where its context was granted one.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required", "--disable-gpu",
        "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    // Who speaks into the fake microphone; its own beeps come too fast for a turn to end between them.
    private readonly string _voice = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.wav");

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Find() is { } path)
        {
            WriteVoice();
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = [.. Arguments, $"--use-file-for-fake-audio-capture={_voice}"] });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _playwright?.Dispose();
        File.Delete(_voice);
    }

    /// <summary>The phone's page, in a tab with a microphone or without permission for one.</summary>
    internal async Task<PhonePage> OpenAsync(Uri url, bool microphone = true)
    {
        Assert.SkipWhen(_browser is null, "No Chromium on PATH: apt-get install chromium");

        var context = await _browser.NewContextAsync(new() { Permissions = microphone ? ["microphone"] : [] });
        return await PhonePage.OpenAsync(await context.NewPageAsync(), url);
    }

    // Three seconds of listening, a question, and again.
    private void WriteVoice()
    {
        var silence = new byte[3 * MuLaw.SampleRate];
        Array.Fill(silence, MuLaw.Silence);
        byte[] voice = [.. silence, .. File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Phone", "wwwroot", "clips", "question.ulaw"))];

        using var file = File.Create(_voice);
        PhoneAudio.Write(file, voice, voice);
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(directory => Names.Select(name => Path.Combine(directory, name)))
            .FirstOrDefault(File.Exists);
}
