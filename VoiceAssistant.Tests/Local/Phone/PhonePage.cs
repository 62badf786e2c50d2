using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace VoiceAssistant.Tests.Local.Phone;

/// <summary>The phone's page as its user sees it, wherever it is served.</summary>
internal sealed partial class PhonePage : IAsyncDisposable
{
    private const int Timeout = 30_000;

    // Phones, a tablet, and screens; the last is wider than the page makes use of.
    private static readonly int[] Widths = [320, 375, 768, 1024, 1440, 1920];

    // Pairs of texts and controls that lie on one another, and what the page is too narrow for; what has been scrolled out of the list is not seen.
    private const string Collisions = """
        () => {
          const boxes = [];
          const add = (name, rect, node) => {
            const list = node.parentElement.closest('ol')?.getBoundingClientRect();
            const top = Math.max(rect.top, list?.top ?? -Infinity);
            const bottom = Math.min(rect.bottom, list?.bottom ?? Infinity);
            if (rect.width > 0 && bottom > top) {
              boxes.push({ name, node, left: rect.left, right: rect.right, top, bottom });
            }
          };
          document.querySelectorAll('button, canvas, .meter, .mark').forEach((node) => add(node.id || node.className || node.textContent, node.getBoundingClientRect(), node));
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let text; (text = texts.nextNode()); ) {
            if (text.data.trim() && text.parentElement.checkVisibility({ visibilityProperty: true })) {
              const range = document.createRange();
              range.selectNodeContents(text);
              [...range.getClientRects()].forEach((rect) => add(text.data.trim(), rect, text));
            }
          }
          const found = document.documentElement.scrollWidth > innerWidth ? [`wider than ${innerWidth}`] : [];
          boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
            const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (across > 1 && down > 3 && a.node !== b.node && !a.node.contains(b.node)) {
              found.push(`${a.name} | ${b.name}`);
            }
          }));
          boxes.filter(({ left, right, node }) => left < 0 || right > innerWidth || overflows(node)).forEach(({ name }) => found.push(`${name} is cut`));
          return found;

          // A text that is longer than its button or its column.
          function overflows(node) {
            const holder = node.parentElement.closest('button, dd, dt, #state');
            return holder !== null && holder.scrollWidth > holder.clientWidth + 1;
          }
        }
        """;

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

    /// <summary>Among what happened.</summary>
    public Task ExpectLineAsync(string text) => Expect(_page.Locator("#log li").Filter(new() { HasText = text })).Not.ToHaveCountAsync(0, new() { Timeout = Timeout });

    public async Task<float> HeightAsync(string selector) => (await _page.Locator(selector).BoundingBoxAsync())!.Height;

    public async Task ExpectNoOverlapAsync()
    {
        foreach (var width in Widths)
        {
            await _page.SetViewportSizeAsync(width, 900);
            var collisions = await _page.EvaluateAsync<string[]>(Collisions);
            Assert.True(collisions.Length == 0, $"At {width} pixels: {string.Join("; ", collisions)}");
        }
    }

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
