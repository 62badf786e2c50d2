using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Local.Phone.CommandLine;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone.CommandLine;

public sealed class ProgressLineTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    // As long as ten frames.
    private readonly byte[] _question = [.. Enumerable.Repeat(Tone.Frame, 10).SelectMany(frame => frame)];
    private readonly HttpClient _http = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Screen _screen = new();
    private readonly TaskCompletionSource _done = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task File_GetsALineForEachPhase_AndNoControlCharacter()
    {
        var call = Call();
        var showing = new ProgressLine(_screen, null, [call], _time).ShowAsync(() => _done.Task);

        Assert.Equal("   0 s: dialling", await _screen.NextAsync());
        call.Caller.Notice(new(PhoneEventKind.Connected));
        Assert.Equal("   0 s: waiting for the greeting", await NextAsync());
        Listen(call, 20, hears: true);
        Assert.Equal("   0 s: hearing the greeting", await NextAsync());
        Listen(call, 37);
        Assert.Equal("   0 s: asking the question", await NextAsync());
        Listen(call, 20);
        Assert.Equal("   1 s: waiting for the answer", await NextAsync());
        Listen(call, 20, hears: true);
        Assert.Equal("   1 s: hearing the answer", await NextAsync());
        _done.SetResult();
        await showing.WaitAsync(TestTimeout.Token);
        // Nothing has changed since.
        Assert.True(_screen.IsAllRead);
    }

    [Fact]
    public async Task Terminal_HasOneLine_ThatIsDrawnAnew_WithABar()
    {
        var call = Call();
        var showing = new ProgressLine(_screen, 60, [call], _time).ShowAsync(() => _done.Task);

        Assert.Equal("\r" + "[....................]    0 s: dialling".PadRight(59), await _screen.NextAsync());
        call.Caller.Notice(new(PhoneEventKind.Connected));
        Assert.Equal("\r" + "[###.................]    0 s: waiting for the greeting".PadRight(59), await NextAsync());
        _done.SetResult();
        await showing.WaitAsync(TestTimeout.Token);
        Assert.StartsWith("\r[###", await _screen.NextAsync(), StringComparison.Ordinal);
        Assert.Equal("", await _screen.NextAsync());
    }

    [Fact]
    public async Task Terminal_IsNeverWrittenBeyondItsWidth()
    {
        var showing = new ProgressLine(_screen, 30, [Call()], _time).ShowAsync(() => _done.Task);

        Assert.Equal("\r[..........]    0 s: dialling", await _screen.NextAsync());
        _done.SetResult();
        await showing.WaitAsync(TestTimeout.Token);
    }

    [Theory]
    [InlineData(40, "[....]    0 s: waiting for the greeting")]
    [InlineData(39, "   0 s: waiting for the greeting      ")]
    [InlineData(20, "   0 s: waiting for")]
    public async Task NarrowTerminal_ShowsThePhaseRatherThanTheBar(int width, string expected)
    {
        var call = Call();
        call.Caller.Notice(new(PhoneEventKind.Connected));
        var showing = new ProgressLine(_screen, width, [call], _time).ShowAsync(() => _done.Task);

        Assert.Equal("\r" + expected, await _screen.NextAsync());
        _done.SetResult();
        await showing.WaitAsync(TestTimeout.Token);
    }

    [Fact]
    public async Task ManyCalls_AreCountedByPhase()
    {
        var calls = new[] { Call(), Call(), Call() };
        calls[1].Caller.Notice(new(PhoneEventKind.Connected));
        var showing = new ProgressLine(_screen, null, calls, _time).ShowAsync(() => _done.Task);

        Assert.Equal("   0 s: 2 dialling, 1 waiting for the greeting", await _screen.NextAsync());
        _done.SetResult();
        await showing.WaitAsync(TestTimeout.Token);
    }

    private async Task<string> NextAsync()
    {
        _time.Advance(Tick);
        return await _screen.NextAsync();
    }

    private PlacedCall Call() => new(new("http://127.0.0.1:1", "12345", "AC1", "", ""), _question, records: false, _http, _time);

    private static void Listen(PlacedCall call, int frames, bool hears = false)
    {
        var said = new byte[160];
        for (var i = 0; i < frames; i++)
        {
            call.Caller.Speak(said);
            call.Caller.Hear(hears ? Tone.Frame : Tone.SilentFrame);
        }
    }

    /// <summary>Hands over what is written, piece by piece.</summary>
    private sealed class Screen : StringWriter
    {
        private readonly Channel<string> _pieces = Channel.CreateUnbounded<string>();

        public bool IsAllRead => _pieces.Reader.Count == 0;

        public ValueTask<string> NextAsync() => _pieces.Reader.ReadAsync(TestTimeout.Token);

        public override Task WriteAsync(string? value) => Keep(value);

        public override Task WriteLineAsync(string? value) => Keep(value);

        public override Task WriteLineAsync() => Keep("");

        private Task Keep(string? value)
        {
            _pieces.Writer.TryWrite(value!);
            return Task.CompletedTask;
        }
    }
}
