using System.CommandLine;
using System.Globalization;
using VoiceAssistant.Local.Phone.Wav;
using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>The call command: phones the assistant from a WAV file and measures what a caller would notice.</summary>
internal sealed class CallCommand
{
    public const int MaxCalls = 1000;

    private const int MaxSeconds = 3600;

    // Numbers that are nobody's: https://en.wikipedia.org/wiki/555_(telephone_number).
    private const string DefaultTo = "+15550100000";
    private const long FirstFrom = 15550100001;

    // Beyond what the caller says: a greeting, an answer, and the pauses around them.
    private const int Patience = 60;

    private const int MeasuredSeconds = 10;

    // After Ctrl+C the calls hang up, the server answers, the file and the table are written; the default is 2 s.
    private static readonly TimeSpan HangUpGrace = TimeSpan.FromSeconds(10);

    private readonly Option<string?> _wav = FileName(
        "--wav", "What the caller says: a WAV file, 8 to 48 kHz, mono or stereo. Without it, a short question.");

    private readonly Option<string?> _out = FileName(
        "--out", "Where to write the call as a stereo WAV file: the caller left, the assistant right. Of several calls, the first.");

    private readonly Option<Uri?> _url = UrlOption.Create(
        "--url", "The server to call, its PUBLIC_URL + /incoming-call, signed with TWILIO_AUTH_TOKEN. Without it, everything runs in this process.");

    private readonly Option<int> _calls = NumberOption.Create(
        "--calls",
        "How many calls to place at once. Several, without --wav, --out and --url, measure the server in a process of its own: "
            + "what it adds to each frame, what it loses, and what a call costs.",
        1,
        MaxCalls);

    private readonly Option<int?> _seconds = NumberOption.CreateOptional(
        "--seconds",
        $"When to hang up at the latest; {Patience} s more than what the caller says, unless given. When measuring, for how long: {MeasuredSeconds}.",
        1,
        MaxSeconds);

    private readonly Option<string?> _from = PartyOption(
        "--from", "The caller: a number as +15550100001, client:NAME or sip:USER@HOST. Without it, each call has a number of its own, from that one on.");

    private readonly Option<string?> _to = PartyOption("--to", $"The number that is called, as {DefaultTo}, or sip:USER@HOST.");

    private readonly IConfiguration _configuration;
    private readonly UnknownNames _unknown;
    private readonly Func<CancellationToken, Task<CalledSystem>> _startHere;
    private readonly Measure _measure;
    private readonly TimeProvider _time;

    private CallCommand(
        IConfiguration configuration, UnknownNames unknown, Func<CancellationToken, Task<CalledSystem>> startHere, Measure measure, TimeProvider time) =>
        (_configuration, _unknown, _startHere, _measure, _time) = (configuration, unknown, startHere, measure, time);

    /// <summary>
    /// Starts nothing yet; <paramref name="startHere"/> is for calls without --url and tells of unknown names itself, <paramref name="measure"/> is for
    /// several that nobody listens to and reads no .env.
    /// </summary>
    public static Command Create(
        IConfiguration configuration, UnknownNames unknown, Func<CancellationToken, Task<CalledSystem>> startHere, Measure measure, TimeProvider time)
    {
        var call = new CallCommand(configuration, unknown, startHere, measure, time);
        call._calls.DefaultValueFactory = _ => 1;
        call._to.DefaultValueFactory = _ => DefaultTo;
        var command = new Command("call", "Phones the assistant, asks a question, and says how long everything took.")
        {
            call._wav, call._out, call._url, call._calls, call._seconds, call._from, call._to,
        };
        command.SetAction(call.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var console = arguments.InvocationConfiguration;
        console.ProcessTerminationTimeout = HangUpGrace;
        try
        {
            var calls = arguments.GetValue(_calls);
            if (calls > 1 && arguments.GetValue(_wav) is null && arguments.GetValue(_out) is null && arguments.GetValue(_url) is null)
            {
                if (IsGiven(_from) || IsGiven(_to))
                {
                    throw new InvalidDataException("--from and --to are for calls with --wav, --out or --url; several calls without these measure the server.");
                }

                var interval = TimeSpan.FromSeconds(arguments.GetValue(_seconds) ?? MeasuredSeconds);
                return await _measure(calls, interval, console.Output, console.Error, cancellationToken) ? 0 : 1;
            }

            var question = arguments.GetValue(_wav) is { } wav ? PhoneAudio.Read(wav) : WavCaller.ReadBuiltInQuestion();
            await using var recording = arguments.GetValue(_out) is { } path ? Recording.Open(path) : null;
            var system = await FindSystemAsync(arguments.GetValue(_url), console.Error, cancellationToken);
            await using var host = system.Host;

            var run = new CallRun(system.Line with { To = arguments.GetValue(_to)! }, question, _time)
            {
                Callers = Callers(arguments.GetValue(_from), calls),
                Longest = TimeSpan.FromSeconds(arguments.GetValue(_seconds) ?? Patience + question.Length / MuLaw.SampleRate),
                Assistant = system.Assistant,
                Words = arguments.GetValue(_wav) is null ? WavCaller.BuiltInQuestion : null,
                Recording = recording,
            };
            return await run.RunAsync(console.Output, console.Error, TerminalWidth(), cancellationToken) ? 0 : 1;
        }
        catch (InvalidDataException ex)
        {
            await console.Error.WriteLineAsync(ex.Message);
            return 1;
        }

        bool IsGiven(Option option) => arguments.GetResult(option) is { Implicit: false };
    }

    private static int? TerminalWidth() => !Console.IsErrorRedirected && Console.WindowWidth is > 0 and var width ? width : null;

    private static Option<string?> FileName(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "file",
        CustomParser = argument =>
        {
            var path = argument.Tokens[0].Value;
            if (string.IsNullOrWhiteSpace(path))
            {
                argument.AddError($"{name} takes a file name.");
            }

            return path;
        },
    };

    private static Option<string?> PartyOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "party",
        CustomParser = argument =>
        {
            var text = argument.Tokens[0].Value;
            if (Party.Parse(text) is null or { Kind: PartyKind.Hidden })
            {
                argument.AddError($"{name} takes a telephone number as {DefaultTo}, client:NAME or sip:USER@HOST, not {text}.");
            }

            return text;
        },
    };

    private static string[] Callers(string? from, int count) =>
        [.. Enumerable.Range(0, count).Select(i => from ?? string.Create(CultureInfo.InvariantCulture, $"+{FirstFrom + i}"))];

    private async Task<CalledSystem> FindSystemAsync(Uri? url, TextWriter progress, CancellationToken cancellationToken)
    {
        if (url is not null)
        {
            foreach (var sentence in _unknown.Sentences)
            {
                await progress.WriteLineAsync(sentence);
            }

            return new(PhoneLine.At(url.OriginalString, _configuration));
        }

        await progress.WriteLineAsync("Starting the system …");
        return await _startHere(cancellationToken);
    }
}
