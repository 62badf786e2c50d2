using System.CommandLine;

namespace VoiceAssistant.Local.Chaos;

/// <summary>The chaos command: real processes, real calls, and everything that can go wrong between them.</summary>
internal static class ChaosCommand
{
    private const int MaxMinutes = 7 * 24 * 60;
    private const int MaxCalls = 200;
    private const int MaxBridges = 10;

    // After Ctrl+C the calls hang up, and the processes are ended; the default is 2 s.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public static Command Create(TimeProvider time)
    {
        var minutes = NumberOption.Create<double>("--minutes", "For how long there are calls.", 1, MaxMinutes);
        minutes.DefaultValueFactory = _ => 2;
        var calls = NumberOption.Create("--calls", "How many there are at once.", 1, MaxCalls);
        calls.DefaultValueFactory = _ => 4;
        var bridges = NumberOption.Create("--bridges", "How many bridges run at once.", 2, MaxBridges);
        bridges.DefaultValueFactory = _ => 2;
        var seed = NumberOption.CreateOptional("--seed", "Repeats a run's faults and callers. Without it, a new one, which is printed.", 0, int.MaxValue);

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
}
