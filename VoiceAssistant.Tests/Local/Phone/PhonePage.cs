using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace VoiceAssistant.Tests.Local.Phone;

/// <summary>The phone's page as its user sees it, wherever it is served.</summary>
internal sealed partial class PhonePage : IAsyncDisposable
{
    private const int Timeout = 30_000;

    private readonly IPage _page;
    private readonly List<string> _errors = [];

    private PhonePage(IPage page)
    {
        _page = page;
        _page.SetDefaultTimeout(Timeout);
        _page.PageError += (_, error) => _errors.Add(error);
        _page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _errors.Add(message.Text);
            }
        };
    }

    /// <summary>What went wrong in the page itself, refusals by its content security policy included.</summary>
    public IReadOnlyList<string> Errors => _errors;

    public static async Task<PhonePage> OpenAsync(IPage page, Uri url)
    {
        var phone = new PhonePage(page);
        await page.GotoAsync(url.ToString());
        await Expect(page.Locator("#assistant")).Not.ToHaveTextAsync("Asking who answers…");
        return phone;
    }

    public async Task CallAsync()
    {
        await Button("Call").ClickAsync();
        await ExpectStateAsync("Connected");
    }

    public async Task HangUpAsync()
    {
        await Button("Hang up").ClickAsync();
        await ExpectStateAsync("Call ended");
    }

    public Task SaySomethingAsync() => Button("Say something").ClickAsync();

    public Task PressAsync(string key) => _page.Keyboard.PressAsync(key);

    public Task ExpectStateAsync(string state) => ExpectTextAsync("#state", state);

    public Task ExpectTextAsync(string selector, string text) =>
        Expect(_page.Locator(selector)).ToContainTextAsync(text, new() { Timeout = Timeout });

    /// <summary>The loudspeaker plays something, and the phone has measured when that began.</summary>
    public async Task ExpectAudioAsync()
    {
        await Expect(Meter("assistant")).ToHaveAttributeAsync("aria-valuenow", Loud(), new() { Timeout = Timeout });
        await ExpectMeasuredAsync("#first-audio");
    }

    public Task ExpectMeasuredAsync(string selector) =>
        Expect(_page.Locator(selector)).ToHaveTextAsync(Milliseconds(), new() { Timeout = Timeout });

    public Task ExpectMutedAsync() => Expect(_page.Locator("#mute")).ToHaveAttributeAsync("aria-pressed", "true", new() { Timeout = Timeout });

    public Task ExpectMicrophoneAsync() =>
        Expect(Meter("caller")).ToHaveAttributeAsync("aria-valuenow", Loud(), new() { Timeout = Timeout });

    public async ValueTask DisposeAsync() => await _page.Context.DisposeAsync();

    private ILocator Button(string name) => _page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private ILocator Meter(string who) => _page.Locator($"#{who}-level");

    [GeneratedRegex("^[1-9][0-9]+$")]
    private static partial Regex Loud();

    [GeneratedRegex("^[0-9]+ ms$")]
    private static partial Regex Milliseconds();
}
