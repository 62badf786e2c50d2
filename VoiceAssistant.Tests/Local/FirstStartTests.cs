using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local;

/// <summary>What stands on the screen when the program is started, as the process that it is.</summary>
public sealed class FirstStartTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("first-start-");
    private readonly int _port = LoopbackPort.Free();

    private string Opened => Path.Combine(_folder.FullName, "opened");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task FirstLine_SaysThatItStarts_AndTheLastOneHasTheAddress()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "VoiceAssistant.sln"), "");
        File.WriteAllLines(Path.Combine(_folder.FullName, ".env"), ["SYSTEM_MESAGE=secret", "FOO=secret", "OPENAI_APIKEY=secret"]);

        var (lines, _) = await StartAsync(path: "", awaitError: false);

        Assert.Equal("Starting …", lines[0]);
        Assert.StartsWith($"Open http://localhost:{_port}/ and press Call: the offline assistant answers.", lines[^1], StringComparison.Ordinal);
        var log = string.Join('\n', lines.Skip(1).SkipLast(1));
        Assert.Contains(".env, line 1: SYSTEM_MESAGE is no setting; did you mean SYSTEM_MESSAGE?", log, StringComparison.Ordinal);
        Assert.Contains(".env, line 3: OPENAI_APIKEY is no setting; did you mean OPENAI_API_KEY?", log, StringComparison.Ordinal);
        Assert.Contains(".env has names that nothing here reads: FOO.", log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("call", "--url", "http://127.0.0.1:1/incoming-call")]
    [InlineData("phone", "--webhook", "http://127.0.0.1:1", "--bridge", "http://127.0.0.1:1")]
    public async Task UnknownNames_AreTold_ByEachCommandThatReadsTheFile(params string[] arguments)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "VoiceAssistant.sln"), "");
        File.WriteAllLines(Path.Combine(_folder.FullName, ".env"), ["TWILIO_AUTH_TOKN=secret"]);

        using var process = ServiceProcess.Start(
            "VoiceAssistant.Local", _folder.FullName, new Dictionary<string, string> { ["PORT"] = $"{_port}" }, arguments);
        try
        {
            var said = arguments[0] is "call" ? process.StandardError : process.StandardOutput;
            await said.ReadUntilAsync(".env, line 1: TWILIO_AUTH_TOKN is no setting; did you mean TWILIO_AUTH_TOKEN?");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(TestTimeout.Token);
        }
    }

    [Fact]
    public async Task Page_IsOpened_WhereThatIsAskedFor()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "xdg-open is Linux's.");
        var browser = FakeXdgOpen($"echo \"$1\" > {Opened}.new && mv {Opened}.new {Opened}");

        await StartAsync(browser, awaitError: false, "--open");

        for (var end = TestTimeout.Token; !File.Exists(Opened); await Task.Delay(10, end))
        {
        }

        Assert.Equal($"http://localhost:{_port}/", File.ReadAllText(Opened).Trim());
    }

    [Fact]
    public async Task Sentence_AsksTheUserToOpenThePage_WhereThereIsNoBrowser()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "xdg-open is Linux's.");
        var browser = FakeXdgOpen("echo noise; echo noise >&2; exit 3");

        var (_, error) = await StartAsync(browser, awaitError: true, "--open");

        Assert.Equal($"No browser could be opened: open http://localhost:{_port}/ in one.", error);
    }

    private string FakeXdgOpen(string script)
    {
        var program = Path.Combine(_folder.FullName, "xdg-open");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
#pragma warning disable CA1416 // The callers run on Linux.
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
#pragma warning restore CA1416
        return $"{_folder.FullName}{Path.PathSeparator}";
    }

    /// <returns>What it has said up to the address, and its first line of the error stream if there is to be one.</returns>
    private async Task<(IReadOnlyList<string> Lines, string? Error)> StartAsync(string path, bool awaitError, params string[] arguments)
    {
        using var process = ServiceProcess.Start(
            "VoiceAssistant.Local",
            _folder.FullName,
            new Dictionary<string, string> { ["PORT"] = $"{_port}", ["WARM_SESSIONS"] = "0", ["PATH"] = path + Environment.GetEnvironmentVariable("PATH") },
            arguments);
        try
        {
            var lines = new List<string>();
            while (lines is not [.., ['O', 'p', 'e', 'n', ' ', ..]] && await process.StandardOutput.ReadLineAsync(TestTimeout.Token) is { } line)
            {
                lines.Add(line);
            }

            return (lines, awaitError ? await process.StandardError.ReadLineAsync(TestTimeout.Token) : null);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(TestTimeout.Token);
        }
    }
}
