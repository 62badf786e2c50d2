using System.CommandLine;
using System.CommandLine.Parsing;

namespace VoiceAssistant.Local.Fuzzing;

/// <summary>The fuzz command: mutated input for the readers, for as long as one likes.</summary>
internal static class FuzzCommand
{
    // What is alive after a full collection, at the end against shortly after the beginning.
    private const long MaxGrowth = 4 * 1024 * 1024;
    private const int WarmUp = 5_000;
    private const int MaxMinutes = 7 * 24 * 60;

    // Far beyond what any input takes, also on a busy machine.
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    private static string Names => string.Join(", ", FuzzTargets.All.Select(one => one.Name));

    public static Command Create(TimeProvider time)
    {
        var minutes = NumberOption.Create<double>("--minutes", "For how long, all targets together.", 0.1, MaxMinutes);
        minutes.DefaultValueFactory = _ => 1;
        var seed = NumberOption.CreateOptional("--seed", "Repeats a run. Without it, a new one, which is printed.", 0, int.MaxValue);
        var target = new Option<string?>("--target") { Description = $"Only this one: {Names}.", HelpName = "target", CustomParser = ParseTarget };

        var command = new Command("fuzz", "Gives mutated messages, forms and signatures to everything that reads them.") { minutes, seed, target };
        command.SetAction((arguments, cancellationToken) =>
        {
            var targets = FuzzTargets.All.Where(one => arguments.GetValue(target) is not { } name || name == one.Name).ToList();
            var each = TimeSpan.FromMinutes(arguments.GetValue(minutes)) / targets.Count;
            return Task.FromResult(Run(
                targets, each, arguments.GetValue(seed) ?? Random.Shared.Next(), arguments.InvocationConfiguration.Output, time, cancellationToken) ? 0 : 1);
        });
        return command;
    }

    private static string? ParseTarget(ArgumentResult argument)
    {
        var name = argument.Tokens[0].Value;
        if (FuzzTargets.All.All(one => one.Name != name))
        {
            argument.AddError($"--target takes one of {Names}, not {name}.");
        }

        return name;
    }

    private static bool Run(
        IReadOnlyList<IFuzzTarget> targets, TimeSpan each, int seed, TextWriter output, TimeProvider time, CancellationToken cancellationToken)
    {
        output.WriteLine($"seed {seed}, {each.TotalMinutes:0.##} minutes for each target");
        output.WriteLine($"{"target",-14}{"inputs",12}{"per second",12}{"outcomes",10}{"KB before",12}{"KB after",12}");
        var clean = true;
        foreach (var target in targets)
        {
            clean &= Run(new Fuzzer(target, seed), target, each, output, time, cancellationToken);
        }

        return clean;
    }

    private static bool Run(
        Fuzzer fuzzer, IFuzzTarget target, TimeSpan duration, TextWriter output, TimeProvider time, CancellationToken cancellationToken)
    {
        using var watch = new HangWatch(fuzzer, target, Hang, time);
        var started = time.GetTimestamp();
        var before = 0L;
        while (time.GetElapsedTime(started) < duration && !cancellationToken.IsCancellationRequested)
        {
            if (fuzzer.Next() is { } finding)
            {
                output.WriteLine(finding);
                return false;
            }

            if (fuzzer.Inputs == WarmUp)
            {
                before = GC.GetTotalMemory(forceFullCollection: true);
            }
        }

        var seconds = time.GetElapsedTime(started).TotalSeconds;
        var after = GC.GetTotalMemory(forceFullCollection: true);
        output.WriteLine(
            $"{target.Name,-14}{fuzzer.Inputs,12}{fuzzer.Inputs / seconds,12:0}{fuzzer.Outcomes.Count,10}{before / 1024,12}{after / 1024,12}");
        if (before == 0 || after - before <= MaxGrowth)
        {
            return true;
        }

        output.WriteLine($"{target.Name}: the memory grew by {(after - before) / 1024} KB.");
        return false;
    }
}
