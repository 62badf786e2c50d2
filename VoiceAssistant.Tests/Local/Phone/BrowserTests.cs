using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone;

public sealed class BrowserTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private PhoneHost _host = null!;

    private static CancellationToken Timeout => TestTimeout.Token;

    public async ValueTask InitializeAsync() => _host = await PhoneHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Call_IsHeardAtBothEnds()
    {
        await using var page = await chromium.OpenAsync(_host.Url);
        await page.ExpectTextAsync("#assistant", PhoneHost.Info.Assistant);
        await page.ExpectTextAsync("#hint", PhoneHost.Info.Hint);

        await page.CallAsync();
        await _host.Service.PlayAsync(Tone(seconds: 20), Timeout);
        await page.ExpectAudioAsync();
        await page.ExpectMicrophoneAsync();
        Assert.Equal(160, (await _host.Service.ReceiveSoundAsync(Timeout)).Length);

        await page.HangUpAsync();
        await _host.Service.ReceiveAsync("stop", Timeout);
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task RecordedVoice_Speaks_WhereTheMicrophoneIsDenied()
    {
        await using var page = await chromium.OpenAsync(_host.Url, microphone: false);

        await page.CallAsync();
        await page.ExpectTextAsync("#advice", "Allow it beside the address");
        await page.SaySomethingAsync();

        var clip = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Phone", "wwwroot", "clips", "question.ulaw"), Timeout);
        var spoken = await _host.Service.ReceiveSoundAsync(Timeout);
        Assert.Contains(clip.Chunk(160), chunk => spoken.AsSpan().StartsWith(chunk));
        await page.ExpectMicrophoneAsync();
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task Keyboard_IsEnough()
    {
        await using var page = await chromium.OpenAsync(_host.Url);

        await page.PressAsync("Enter");
        await page.ExpectStateAsync("Connected");
        await page.PressAsync("7");
        var message = await _host.Service.ReceiveAsync("dtmf", Timeout);
        Assert.Equal("7", message.GetProperty("dtmf").GetProperty("digit").GetString());
        await page.PressAsync("m");
        await page.ExpectMutedAsync();

        await page.PressAsync("Escape");
        await page.ExpectStateAsync("Call ended");
        await page.PressAsync("Enter");
        await page.ExpectStateAsync("Connected");
    }

    [Fact]
    public async Task Page_SaysWhatToDo_WhenTheServerIsGone()
    {
        await using var page = await chromium.OpenAsync(_host.Url);
        await page.CallAsync();

        await _host.StopAsync();
        await page.ExpectStateAsync("Connection lost");
        await page.ExpectLineAsync("The server is gone.");
        await page.PressAsync("Enter");

        await page.ExpectStateAsync("No server");
        await page.ExpectTextAsync("#detail", "dotnet run");
    }

    [Fact]
    public async Task Changes_AreALineEach()
    {
        await using var page = await chromium.OpenAsync(_host.Url);

        await page.CallAsync();
        await page.PressAsync("7");
        await page.PressAsync("m");
        await page.PressAsync("m");
        await _host.Service.PlayAsync(Tone(seconds: 20), Timeout);
        await page.ExpectAudioAsync();
        await _host.Service.ClearAsync(Timeout);
        await page.ExpectLineAsync("s of it were not played.");
        await page.HangUpAsync();

        foreach (var line in (string[])
        [
            "is asked how to answer.", "Connected after", "You pressed 7.", "You muted the microphone.", "You unmuted the microphone.",
            "The assistant began to speak", "You hung up.",
        ])
        {
            await page.ExpectLineAsync(line);
        }

        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task MissingMicrophone_AndLostStream_AreALineEach()
    {
        await using var page = await chromium.OpenAsync(_host.Url, microphone: false);

        await page.CallAsync();
        await page.ExpectLineAsync("The browser keeps the microphone from this page.");
        await _host.Service.DropAsync(Timeout);

        await page.ExpectLineAsync("The stream broke off");
        await page.ExpectStateAsync("Call ended");
    }

    [Fact]
    public async Task Nothing_Overlaps_AtAnyWidth()
    {
        await using var page = await chromium.OpenAsync(_host.Url, microphone: false);
        await page.ExpectNoOverlapAsync();

        await page.CallAsync();
        var height = await page.HeightAsync("#pad");
        for (var key = 0; key < 30; key++)
        {
            await page.PressAsync($"{key % 10}");
        }

        await page.ExpectLineAsync("You pressed 9.");
        Assert.Equal(height, await page.HeightAsync("#pad"));
        await page.ExpectNoOverlapAsync();
    }

    // 1000 Hz: eight samples, as µ-law bytes.
    private static byte[] Tone(int seconds) =>
        [.. Enumerable.Range(0, seconds * 1000).SelectMany(_ => (byte[])[0xFF, 0x98, 0x90, 0x98, 0xFF, 0x18, 0x10, 0x18])];
}
