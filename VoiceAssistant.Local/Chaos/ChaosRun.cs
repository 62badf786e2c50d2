using VoiceAssistant.Local.Phone.CommandLine;

namespace VoiceAssistant.Local.Chaos;

/// <summary>One run: calls and faults for a while, then quiet, then the verdict.</summary>
internal sealed class ChaosRun(ChaosSettings settings, TextWriter output, TimeProvider time)
{
    // The last end record of a call that nobody resumes is written after 75 s, a lease is gone after 30 s, connections that nobody uses after two minutes.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(150);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(12);

    private readonly EndRecords _records = new();

    /// <returns>Whether nothing was found.</returns>
    /// <exception cref="InvalidDataException">The system could not be started.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var programs = new Programs();
        var faults = Schedule.Draw(settings.Seed, settings.Length, settings.Calls);
        await output.WriteLineAsync($"seed {settings.Seed}: {settings.Calls} calls at once for {settings.Length.TotalMinutes:0.##} minutes, {faults.Count} faults; logs in {programs.Logs}");
        await using var system = await ChaosSystem.StartAsync(programs, _records, settings.Bridges, settings.Calls, settings.Seed, time, cancellationToken);

        await WarmUpAsync(system, cancellationToken);

        var origin = time.GetTimestamp();
        var injector = new FaultInjector(system, output, time, origin);
        var lateness = new Lateness(time);
        var calls = await CallAsync(system, injector, faults, origin, cancellationToken);
        var late = await lateness.StopAsync();

        await output.WriteLineAsync($"{time.GetElapsedTime(origin):mm\\:ss\\.f}  all calls have hung up; waiting until the system is idle");
        await injector.DrainedAsync().WaitAsync(Settling, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var remains = await SettleAsync(system, calls, cancellationToken);
        var written = await EndedByRedisAsync(system, calls);
        await File.WriteAllLinesAsync(Path.Combine(programs.Logs, "calls.log"), calls.Select(call => $"{call}"), cancellationToken);

        var oracle = new Oracle(injector.Injected);
        ChaosReport.Write(output, calls, _records, oracle, remains, late);
        var findings = oracle.Judge(calls, _records, written)
            .Concat(remains.Leaks())
            .Concat(system.Crashed.Select(process => $"{process.Name} ended by itself, with exit code {process.ExitCode}"))
            .Concat(system.NotStopped.Select(process => $"{process.Name} was told to stop and did not"))
            .ToList();
        foreach (var finding in findings)
        {
            await output.WriteLineAsync($"FOUND: {finding}");
        }

        await output.WriteLineAsync(findings.Count == 0 ? "Nothing was found." : $"{findings.Count} findings with --seed {settings.Seed} --minutes {settings.Length.TotalMinutes:0.##} --calls {settings.Calls}; logs in {programs.Logs}");
        return findings.Count == 0;
    }

    /// <summary>First calls compile the code that they run; what they wait for is this machine.</summary>
    private async Task WarmUpAsync(ChaosSystem system, CancellationToken cancellationToken)
    {
        using var http = system.LineOf(0, "", asksAfterLoss: true).CreateHttpClient();
        var question = WavCaller.ReadBuiltInQuestion();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(static over => ((CancellationTokenSource)over!).Cancel(), over, WarmUp, Timeout.InfiniteTimeSpan);
        await Task.WhenAll(Enumerable.Range(0, settings.Calls).Select(number =>
            new ChaosPhone(system, number, unchecked(~settings.Seed), question, http, time, time.GetTimestamp()).RunAsync(over.Token)));
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<IReadOnlyList<ChaosCall>> CallAsync(
        ChaosSystem system, FaultInjector injector, IReadOnlyList<Fault> faults, long origin, CancellationToken cancellationToken)
    {
        using var http = system.LineOf(0, "", asksAfterLoss: true).CreateHttpClient();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var question = WavCaller.ReadBuiltInQuestion();
        var phones = Enumerable.Range(0, settings.Calls)
            .Select(number => new ChaosPhone(system, number, settings.Seed, question, http, time, origin))
            .ToList();
        var calling = Task.WhenAll(phones.Select(phone => phone.RunAsync(over.Token)));
        try
        {
            await injector.RunAsync(faults, cancellationToken);
            var left = settings.Length - time.GetElapsedTime(origin);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
        }
        finally
        {
            await over.CancelAsync();
            await calling;
        }

        return [.. phones.SelectMany(phone => phone.Calls)];
    }

    private async Task<Remains> SettleAsync(ChaosSystem system, IReadOnlyList<ChaosCall> calls, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            var remains = await Remains.ReadAsync(system, cancellationToken);
            var hasEnded = calls.All(call => !_records.WasAnswered(call.Sid) || _records.Of(call.Sid).Count > 0);
            if ((hasEnded && !remains.Leaks().Any()) || time.GetElapsedTime(since) > Settling)
            {
                return remains;
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    /// <returns>Calls without a line about their end, which Redis knows all the same: the line can have died with the process that was killed.</returns>
    private async Task<IReadOnlySet<string>> EndedByRedisAsync(ChaosSystem system, IReadOnlyList<ChaosCall> calls) =>
        await Remains.EndedAsync(system.RedisAddress, calls.Select(call => call.Sid).Where(sid => _records.Of(sid).Count == 0));
}
