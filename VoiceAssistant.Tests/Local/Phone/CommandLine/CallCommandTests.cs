using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Local.Phone.CommandLine;
using VoiceAssistant.Local.Phone.Wav;
using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Tests.Local.Phone.Wav;

namespace VoiceAssistant.Tests.Local.Phone.CommandLine;

public sealed class CallCommandTests : IAsyncLifetime
{
    private const string Connect = "<Response><Connect><Stream url=\"/media-stream\"/></Connect></Response>";

    private readonly string _folder = Directory.CreateTempSubdirectory("phone").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly CancellationTokenSource _ctrlC = new();
    private readonly Dictionary<string, string?> _settings = new() { ["TWILIO_AUTH_TOKEN"] = "12345,67890" };
    private Func<CancellationToken, Task<CalledSystem>> _startHere = _ => throw new InvalidOperationException("Nobody asked for it.");
    private Measure _measure = (_, _, _, _, _) => throw new InvalidOperationException("Nobody asked for it.");
    private TimeProvider _time = TimeProvider.System;
    private FakeCallServer _server = null!;

    private string Question => Path.Combine(_folder, "question.wav");

    private string Heard => Path.Combine(_folder, "heard.wav");

    public async ValueTask InitializeAsync()
    {
        _server = await FakeCallServer.StartAsync();
        _server.Answer("/incoming-call", Connect);
        byte[] question = [.. Enumerable.Repeat(Tone.Frame, 10).SelectMany(frame => frame)];
        await File.WriteAllBytesAsync(Question, WavFile.Create(WavCoding.MuLaw, 1, 8000, 8, question));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _ctrlC.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Call_IsMade_Measured_AndRecorded()
    {
        var time = new FakeTimeProvider();
        _time = time;
        var running = RunAsync("--wav", Question, "--out", Heard, "--url", _server.Url + "/incoming-call");

        var stream = await _server.StreamAsync();
        await stream.StartAsync();
        await stream.PlayAsync([.. Tone.Frame, .. Tone.Frame, .. Tone.Frame]);

        var (asked, answered) = (false, false);
        while (await TickAsync(time, stream) is { } said)
        {
            asked |= said.SequenceEqual(Tone.Frame);
            if (asked && !answered && said.SequenceEqual(Tone.SilentFrame))
            {
                answered = true;
                await stream.PlayAsync([.. Enumerable.Repeat(Tone.Frame, 10).SelectMany(tone => tone)]);
            }
        }

        Assert.Equal(0, await running);
        Assert.StartsWith("1 call, 1 went well", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("end of speech to answer", _output.ToString(), StringComparison.Ordinal);
        Assert.Matches(
            @"The assistant greeted for 0\.\d s, then the caller spoke for 0\.2 s, then the assistant answered for 0\.\d s\.\r?\n"
            + $@"Recorded in {Heard}: the caller left, the assistant right\.\r?\n\z",
            _output.ToString());
        Assert.StartsWith($"   0 s: dialling{Environment.NewLine}", _error.ToString(), StringComparison.Ordinal);
        var (samples, rate) = WavReader.Read(await File.ReadAllBytesAsync(Heard, TestContext.Current.CancellationToken));
        Assert.Equal(8000, rate);
        Assert.True(Tone.Amplitude(samples, 500, 8000) > 0.01);
        var request = await _server.RequestAsync();
        Assert.Equal("+15550100001", request.Fields["From"]);
        Assert.Equal("+15550100000", request.Fields["To"]);
    }

    [Fact]
    public async Task Calls_AreAllPlaced_FromNumbersOfTheirOwn()
    {
        var running = RunAsync("--wav", Question, "--url", _server.Url + "/incoming-call", "--calls", "3", "--to", "+15550109999");
        var numbers = new List<string>();
        for (var call = 0; call < 3; call++)
        {
            var request = await _server.RequestAsync();
            Assert.Equal("+15550109999", request.Fields["To"]);
            numbers.Add(request.Fields["From"]);
            var stream = await _server.StreamAsync();
            await stream.CloseAsync();
        }

        Assert.Equal(1, await running);
        Assert.Equal(["+15550100001", "+15550100002", "+15550100003"], numbers.Order());
        Assert.Contains("Failed (3×): The caller heard no answer to the question.", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CtrlC_HangsUp_AndStillWritesTheFileAndTheTable()
    {
        await File.WriteAllBytesAsync(Heard, new byte[100_000], TestContext.Current.CancellationToken);
        var time = new FakeTimeProvider();
        _time = time;
        var running = RunAsync("--wav", Question, "--out", Heard, "--url", _server.Url + "/incoming-call", "--from", "+15550107777");
        var stream = await _server.StreamAsync();
        await stream.StartAsync();
        await TickAsync(time, stream);

        await _ctrlC.CancelAsync();
        Assert.Equal("stop", Assert.Single(await stream.DrainAsync()).GetProperty("event").GetString());

        Assert.Equal(1, await running);
        Assert.StartsWith("1 call, 0 went well", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("frames sent 1 (0 late)", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"{Environment.NewLine}You stopped the call.{Environment.NewLine}", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Failed", _output.ToString(), StringComparison.Ordinal);
        Assert.Equal(44 + 160 * 4, new FileInfo(Heard).Length);
        Assert.Equal("+15550107777", (await _server.RequestAsync()).Fields["From"]);
    }

    [Fact]
    public async Task Call_EndsAfterItsSeconds()
    {
        var time = new FakeTimeProvider();
        _time = time;
        var running = RunAsync("--wav", Question, "--url", _server.Url + "/incoming-call", "--seconds", "2");
        var stream = await _server.StreamAsync();
        await stream.StartAsync();

        var frames = 0;
        while (await TickAsync(time, stream) is not null)
        {
            frames++;
        }

        Assert.Equal(1, await running);
        Assert.InRange(frames, 99, 1000);
        Assert.EndsWith(
            $"Failed: The caller heard no answer to the question within 2 s.{Environment.NewLine}A greater --seconds waits longer.{Environment.NewLine}",
            _output.ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Recording_IsDeleted_WhereItIsNewAndEmpty(bool wasThere)
    {
        if (wasThere)
        {
            await File.WriteAllTextAsync(Heard, "earlier", TestContext.Current.CancellationToken);
        }

        _startHere = _ => throw new OperationCanceledException();

        Assert.Equal(1, await RunAsync("--wav", Question, "--out", Heard));

        Assert.Equal(wasThere, File.Exists(Heard));
    }

    [Fact]
    public async Task RefusedCall_LeavesNoRecording()
    {
        _server.Answer("/incoming-call", "<Response><Reject/></Response>");

        Assert.Equal(1, await RunAsync("--wav", Question, "--out", Heard, "--url", _server.Url + "/incoming-call"));

        Assert.False(File.Exists(Heard));
        Assert.DoesNotContain("Recorded", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_IsExplained()
    {
        _server.Answer("/incoming-call", context =>
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        });

        Assert.Equal(1, await RunAsync("--wav", Question, "--url", _server.Url + "/incoming-call"));

        Assert.Equal(
            $"1 call, 0 went well{Environment.NewLine}Failed: {_server.Url}/incoming-call answered 403 (Forbidden): "
            + $"TWILIO_AUTH_TOKEN must be the server's, and the URL must be its PUBLIC_URL + /incoming-call.{Environment.NewLine}",
            _output.ToString());
    }

    [Fact]
    public async Task SystemOfThisProcess_IsCalled_WithoutAUrl()
    {
        var host = new DisposedHost();
        var line = new PhoneLine(_server.Url + "/incoming-call", "its-token", "AC1", "", "");
        _server.Answer("/incoming-call", "<Response><Say>All lines are busy.</Say></Response>");

        _startHere = _ => Task.FromResult<CalledSystem>(new(line, host));

        var exitCode = await RunAsync("--wav", Question);

        Assert.Equal(1, exitCode);
        Assert.True(host.IsDisposed);
        Assert.Equal("AC1", (await _server.RequestAsync()).Fields["AccountSid"]);
        Assert.StartsWith("Starting the system …", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("The server said: All lines are busy.", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Failed: The call ended before a stream was open.", _output.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string[], string> Mistakes { get; } = new()
    {
        { ["--wav", "nope.wav"], "nope.wav does not exist; --wav expects a WAV file." },
        { ["--wav", "{folder}"], "{folder} is a directory; --wav expects a WAV file." },
        { ["--wav", "{question}", "--out", "{folder}/nope/heard.wav"], "--out cannot be written: " },
        { ["--wav", "{question}", "--out", "{folder}"], "--out cannot be written: " },
        { ["--wav", "{question}", "--out", ""], "--out takes a file name." },
        { ["--wav", " "], "--wav takes a file name." },
        { ["--wav", "{question}", "--calls", "0"], "--calls takes a whole number from 1 to 1000, not 0." },
        { ["--wav", "{question}", "--calls", "many"], "--calls takes a whole number from 1 to 1000, not many." },
        { ["--wav", "{question}", "--seconds", "-1"], "--seconds takes a whole number from 1 to 3600, not -1." },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Mistake_IsSaidInASentence_BeforeAnyCall(string[] arguments, string sentence)
    {
        string[] filled = [.. arguments.Select(Fill), "--url", _server.Url + "/incoming-call"];

        Assert.Equal(1, await RunAsync(filled));

        Assert.StartsWith(Fill(sentence), _error.ToString(), StringComparison.Ordinal);
        Assert.Single(_error.ToString().Trim().Split('\n'));
        _server.Answer("/sentinel", "<Response/>");
        using var http = new HttpClient();
        await http.GetAsync(new Uri(_server.Url + "/sentinel"), TestContext.Current.CancellationToken);
        Assert.Equal("/sentinel", (await _server.RequestAsync()).Path);

        string Fill(string text) => text
            .Replace("{folder}", _folder, StringComparison.Ordinal)
            .Replace("{question}", Question, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task SeveralCalls_AreMeasured_WhereNobodyListens(bool isFaultless, int exitCode)
    {
        (int Calls, TimeSpan Interval) measured = default;
        _measure = (calls, interval, _, _, _) =>
        {
            measured = (calls, interval);
            return Task.FromResult(isFaultless);
        };

        Assert.Equal(exitCode, await RunAsync("--calls", "7", "--seconds", "3"));

        Assert.Equal((7, TimeSpan.FromSeconds(3)), measured);
    }

    [Theory]
    [InlineData("--from")]
    [InlineData("--to")]
    public async Task SeveralCalls_HaveNoNumbers_WhereNobodyListens(string option)
    {
        Assert.Equal(1, await RunAsync("--calls", "7", option, "+15550107777"));

        Assert.Equal(
            "--from and --to are for calls with --wav, --out or --url; several calls without these measure the server.", _error.ToString().TrimEnd());
    }

    [Theory]
    [InlineData("12345,67890", "12345")]
    [InlineData(" , ", null)]
    public async Task Request_IsSigned_WithTheFirstTokenOrThisMachines(string setting, string? expected)
    {
        _settings["TWILIO_AUTH_TOKEN"] = setting;
        _server.Answer("/incoming-call", "<Response><Reject/></Response>");

        await RunAsync("--wav", Question, "--url", _server.Url + "/incoming-call");

        var request = await _server.RequestAsync();
        Assert.True(TwilioSignature.IsValid(
            [expected ?? DevelopmentAuthToken.Get()], _server.Url + "/incoming-call", request.Fields, request.Signature));
    }

    /// <returns>What the caller said in 20 ms; null where the stream has ended.</returns>
    private static async Task<byte[]?> TickAsync(FakeTimeProvider time, FakeStream stream)
    {
        time.Advance(Frame.Duration);
        while (await stream.ReceiveAsync() is { } message)
        {
            switch (message.GetProperty("event").GetString())
            {
                case "media":
                    return message.GetProperty("media").GetProperty("payload").GetBytesFromBase64();
                case "stop":
                    await stream.DrainAsync();
                    return null;
            }
        }

        return null;
    }

    private Task<int> RunAsync(params string[] arguments) =>
        CallCommand.Create(new ConfigurationBuilder().AddInMemoryCollection(_settings).Build(), UnknownNames.None, _startHere, _measure, _time)
            .Parse(arguments)
            .InvokeAsync(new() { Output = _output, Error = _error }, _ctrlC.Token)
            .WaitAsync(FakeCallServer.Patience, TestContext.Current.CancellationToken);

    private sealed class DisposedHost : IAsyncDisposable
    {
        public bool IsDisposed { get; private set; }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
