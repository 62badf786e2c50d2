using System.CommandLine;
using System.Globalization;

namespace VoiceAssistant.Local.Chaos;

/// <summary>The chaos command: real processes, real calls, and everything that can go wrong between them.</summary>
internal static class ChaosCommand
{
    private const int MaxCalls = 200;
    private const int MaxBridges = 10;

    // After Ctrl+C the calls hang up, and the processes are ended; the default is 2 s.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public static Command Create(TimeProvider time)
    {
        var minutes = new Option<double>("--minutes") { Description = "For how long there are calls.", HelpName = "n", DefaultValueFactory = _ => 2 };
        var calls = Count("--calls", "How many there are at once.", 1, MaxCalls, otherwise: 4);
        var bridges = Count("--bridges", "How many bridges run at once.", 2, MaxBridges, otherwise: 2);
        var seed = new Option<int?>("--seed") { Description = "Repeats a run's faults and callers. Without it, a new one, which is printed.", HelpName = "n" };

        var command = new Command(
            "chaos", "Starts the system in real processes, holds calls, breaks one thing after the other, and says what callers noticed. Needs redis-server.")
        {
            minutes, calls, bridges, seed,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var console = arguments.InvocationConfiguration;
            console.ProcessTerminationTimeout = Grace;
            var settings = new ChaosSettings(
                TimeSpan.FromMinutes(arguments.GetValue(minutes)), arguments.GetValue(calls), arguments.GetValue(bridges), arguments.GetValue(seed) ?? Random.Shared.Next());
            try
            {
                return await new ChaosRun(settings, console.Output, time).RunAsync(cancellationToken) ? 0 : 1;
            }
            catch (InvalidDataException exception)
            {
                await console.Error.WriteLineAsync(exception.Message);
                return 1;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await console.Error.WriteLineAsync("Stopped before there was a verdict.");
                return 1;
            }
        });
        return command;
    }

    private static Option<int> Count(string name, string description, int min, int max, int otherwise) => new(name)
    {
        Description = description,
        HelpName = "n",
        DefaultValueFactory = _ => otherwise,
        CustomParser = argument =>
        {
            if (int.TryParse(argument.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= min && count <= max)
            {
                return count;
            }

            argument.AddError($"{name} takes a whole number from {min} to {max}, not {argument.Tokens[0].Value}.");
            return 0;
        },
    };
}
