using System.Net;
using System.Net.Sockets;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local;

/// <summary>A wrong option ends with one sentence, which is the last thing on the screen.</summary>
public sealed class CommandsTests
{
    private const string Url = "takes a URL that begins with http:// or https://, not";

    private static readonly (string Command, string Option, string Range, string[] Wrong)[] Ranges =
    [
        ("assistant", "--port", "takes a whole number from 1 to 65535, not", ["0", "65536", "-1", "x", ""]),
        ("redis", "--port", "takes a whole number from 1 to 65535, not", ["0", "99999", "1.5"]),
        ("phone --webhook http://localhost --bridge http://localhost", "--offline-assistant", "takes a whole number from 1 to 65535, not", ["0", "65536"]),
        ("phone --bridge http://localhost", "--webhook", Url, ["localhost:5101", "ftp://localhost", ""]),
        ("phone --webhook http://localhost", "--bridge", Url, ["localhost"]),
        ("call", "--calls", "takes a whole number from 1 to 1000, not", ["0", "1001", "many"]),
        ("call", "--seconds", "takes a whole number from 1 to 3600, not", ["0", "3601", "1.5"]),
        ("call", "--url", Url, ["voice.example/incoming-call"]),
        ("call", "--from", "takes a telephone number as +15550100000, client:NAME or sip:USER@HOST, not", ["555", "+0", "+1555010000012345", "client:", "sip:@example.com", "anonymous"]),
        ("call", "--to", "takes a telephone number as +15550100000, client:NAME or sip:USER@HOST, not", ["anonymous"]),
        ("fuzz", "--minutes", "takes a number from 0.1 to 10080, not", ["0", "0.09", "10081", "NaN", "-1", "1,5"]),
        ("fuzz", "--seed", "takes a whole number from 0 to 2147483647, not", ["-1", "2147483648"]),
        ("fuzz", "--target", "takes one of twilio, caller, model, conversation, form, signature, not", ["all"]),
        ("chaos", "--minutes", "takes a number from 1 to 10080, not", ["0", "0.9", "10081"]),
        ("chaos", "--calls", "takes a whole number from 1 to 200, not", ["0", "201"]),
        ("chaos", "--bridges", "takes a whole number from 2 to 10, not", ["1", "11"]),
        ("chaos", "--seed", "takes a whole number from 0 to 2147483647, not", ["-1"]),
    ];

    public static TheoryData<string, string, string, string> Wrong =>
        [.. Ranges.SelectMany(option => option.Wrong.Select(value => (option.Command, option.Option, option.Range, value)))];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task WrongValue_IsOneSentence_AndNoHelp(string command, string option, string range, string value)
    {
        var (exitCode, output, error) = await RunAsync([.. command.Split(' '), option, value]);

        Assert.Equal((1, "", $"{option} {range} {value}."), (exitCode, output, error.TrimEnd('\r', '\n')));
    }

    [Theory]
    [InlineData("call --call 3", "Unrecognized command or argument '3'.")]
    [InlineData("redis", "Option '--port' is required.")]
    [InlineData("assistant --port", "Required argument missing for option: '--port'.")]
    public async Task Mistake_IsTheLastLine_AndHelpIsNotAskedFor(string arguments, string sentence)
    {
        var (exitCode, output, error) = await RunAsync(arguments.Split(' '));

        Assert.Equal((1, sentence), (exitCode, error.Trim().Split('\n')[^1]));
        Assert.DoesNotContain("Usage:", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_IsShown_WhereItIsAskedFor()
    {
        var (exitCode, output, error) = await RunAsync("assistant", "--port", "0", "--help");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Matches(@"--port <n>\s+The port that it listens on, on this machine only\. From 1 to 65535\. \[default: 5060\]", output);
    }

    // A new option needs a range and a sentence, too.
    [Fact]
    public void Options_ThatTakeSomething_AreInTheTable_OrTakeAnyFile()
    {
        var options = Commands.Create().Subcommands.SelectMany(command => command.Options
            .Where(option => option.ValueType != typeof(bool) && option.HelpName is not "file")
            .Select(option => $"{command.Name} {option.Name}"));

        Assert.Equal(options.Order(), Ranges.Select(option => $"{option.Command.Split(' ')[0]} {option.Option}").Order());
    }

    [Theory]
    [InlineData("assistant")]
    [InlineData("redis")]
    public async Task PortInUse_IsASentence(string command)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var program = await ServiceProcess.RunAsync(
            "VoiceAssistant.Local", Path.GetTempPath(), new Dictionary<string, string>(), command, "--port", $"{port}");

        Assert.Equal(1, program.ExitCode);
        var sentence = Assert.Single(program.Error.TrimEnd().Split('\n'));
        Assert.Contains($"{port}: address already in use. Stop the program that uses this port", sentence, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await Commands.Parse(arguments).InvokeAsync(new() { Output = output, Error = error }, TestTimeout.Token).WaitAsync(TestTimeout.Token);
        return (exitCode, $"{output}", $"{error}");
    }
}
