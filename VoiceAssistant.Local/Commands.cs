using System.CommandLine;
using System.CommandLine.Invocation;
using VoiceAssistant.Local.Chaos;
using VoiceAssistant.Local.Fuzzing;
using VoiceAssistant.Local.Measuring;
using VoiceAssistant.Local.Phone.CommandLine;

namespace VoiceAssistant.Local;

/// <summary>What can be run here: the whole system (without a command), calls to it, the offline assistant or Redis alone, fuzzing, and chaos.</summary>
internal static class Commands
{
    /// <returns>The process's exit code.</returns>
    public static Task<int> RunAsync(string[] args) => StartupFaults.RunOrExplainAsync(() => Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false }));

    internal static ParseResult Parse(string[] args)
    {
        var command = Create().Parse(args);
        if (command.Action is ParseErrorAction mistake)
        {
            // A screen of help would push the sentence out of sight.
            mistake.ShowHelp = false;
            mistake.ShowTypoCorrections = false;
        }

        return command;
    }

    internal static RootCommand Create()
    {
        var open = new Option<bool>("--open") { Description = "Opens the phone's page in the browser." };
        var root = new RootCommand("The voice assistant on this machine: all of it in one process, and a phone to call it with.")
        {
            Call(),
            PhoneCommand.Create(),
            Assistant(),
            RedisCommand.Create(),
            FuzzCommand.Create(TimeProvider.System),
            ChaosCommand.Create(TimeProvider.System),
            open,
        };
        root.SetAction((arguments, cancellationToken) =>
        {
            // How long a stop may take is the host's to say: calls are to end first. The default would kill it after two seconds.
            arguments.InvocationConfiguration.ProcessTerminationTimeout = null;
            return ServeAsync(arguments.GetValue(open), cancellationToken);
        });
        return root;
    }

    private static async Task<int> ServeAsync(bool opensPage, CancellationToken cancellationToken)
    {
        // Before anything that takes time.
        Console.WriteLine("Starting …");
        await using var system = await StartAsync(cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var opening = opensPage ? Browser.OpenAsync(system.PhoneUrl, end.Token) : Task.CompletedTask;
        Console.WriteLine($"Open {system.PhoneUrl} and press Call: {system.Info.Assistant} answers. {system.Info.Hint}");
        var exitCode = await system.WaitForExitAsync(cancellationToken);
        await end.CancelAsync();
        await opening;
        return exitCode;
    }

    private static async Task<LocalSystem> StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await LocalSystem.StartAsync([], cancellationToken: cancellationToken);
        }
        catch (IOException exception) when (StartupFaults.IsAddressInUse(exception))
        {
            throw new InvalidDataException(
                $"{exception.Message} Stop the program that uses this port (another VoiceAssistant?), or set PORT to a free one.", exception);
        }
    }

    private static Command Call()
    {
        var configuration = new ConfigurationManager();
        configuration.AddEnvironmentVariables();
        var unknown = configuration.AddDotEnv();
        return CallCommand.Create(configuration, unknown, StartForCallsAsync, Measurement.RunAsync, TimeProvider.System);
    }

    private static async Task<CalledSystem> StartForCallsAsync(CancellationToken cancellationToken)
    {
        var system = await LocalSystem.StartAsync(
            [new("PORT", $"{LoopbackPort.Free()}"), new("PUBLIC_URL", ""), new("ALLOWED_NUMBERS", "")],
            // The table of times is what the user wants to see.
            builder => builder.Logging.SetMinimumLevel(LogLevel.Warning),
            cancellationToken);
        return new CalledSystem(system.Line, system) { Assistant = system.Info.Assistant };
    }

    private static Command Assistant()
    {
        var port = NumberOption.Port("--port", "The port that it listens on, on this machine only.");
        port.DefaultValueFactory = _ => 5060;
        var command = new Command("assistant", "Runs the offline assistant alone; point REALTIME_URL at it.") { port };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using var assistant = OfflineAssistantHost.Create(arguments.GetValue(port));
            await assistant.StartAsync(cancellationToken);
            Console.WriteLine($"The offline assistant listens: set REALTIME_URL={assistant.RealtimeUrl()}");
            await assistant.WaitForShutdownAsync(cancellationToken);
            return 0;
        });
        return command;
    }
}
