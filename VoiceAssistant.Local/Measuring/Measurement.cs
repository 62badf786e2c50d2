using System.Diagnostics;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Local.Measuring;

/// <summary>Measures the server as a process of its own on one core; phones and a model without a time of its own share another.</summary>
internal sealed class Measurement(int count, TimeSpan interval, HttpClient http, PhoneClock clock)
{
    // Compiled code is what a server runs that has been up for a minute: a method is compiled for good after 30 calls.
    private const int WarmUpCalls = 40;
    private static readonly TimeSpan WarmUpCall = TimeSpan.FromMilliseconds(200);

    // All at once would measure the accept queue. Not a divisor of 20 ms, so that the calls' frames are spread over time.
    private static readonly TimeSpan BetweenCalls = TimeSpan.FromMilliseconds(11);

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(1);

    public static async Task<bool> RunAsync(
        int count, TimeSpan interval, TextWriter output, TextWriter progress, CancellationToken cancellationToken)
    {
        await progress.WriteLineAsync("Starting the server in a process of its own …");
        await using var model = await EchoModel.StartAsync(cancellationToken);
        await using var server = await ServerProcess.StartAsync(model.Url, cancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var clock = new PhoneClock();
        var report = await new Measurement(count, interval, http, clock).RunAsync(model, server, progress, cancellationToken);
        report.Write(output);
        return report.IsFaultless;
    }

    private async Task<MeasurementReport> RunAsync(EchoModel model, ServerProcess server, TextWriter progress, CancellationToken cancellationToken)
    {
        using var self = Process.GetCurrentProcess();
        var cores = Cores.Choose();
        var isPinned = cores is not null && Cores.TryPin(server.Process, cores.Server) && Cores.TryPin(self, cores.Others);

        await progress.WriteLineAsync($"Warming it up with {WarmUpCalls} calls, one after the other …");
        for (var i = 0; i < WarmUpCalls; i++)
        {
            await WarmUpAsync(model, server.Line, cancellationToken);
        }

        await Task.Delay(Settling, cancellationToken);
        var idle = server.Usage();

        await progress.WriteLineAsync($"Placing {count} calls and measuring for {interval.TotalSeconds:0} s …");
        var calls = CreateCalls(count, server.Line);
        model.Expect(calls);
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = Task.WhenAll(calls.Select((call, i) => call.RunAsync(i * BetweenCalls, hangUp.Token)));
        try
        {
            await Task.WhenAll(calls.Select(call => call.Connected));
            await Task.Delay(Settling, cancellationToken);
            var before = server.Usage();
            await Task.Delay(interval, cancellationToken);
            var after = server.Usage();

            foreach (var call in calls)
            {
                call.FallSilent();
            }

            await Task.Delay(Draining, cancellationToken);
            return new(calls, idle, before, after, isPinned ? cores : null);
        }
        finally
        {
            await hangUp.CancelAsync();
            await running;
        }
    }

    private async Task WarmUpAsync(EchoModel model, PhoneLine line, CancellationToken cancellationToken)
    {
        var calls = CreateCalls(1, line);
        model.Expect(calls);
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = calls[0].RunAsync(TimeSpan.Zero, hangUp.Token);
        await calls[0].Connected;
        hangUp.CancelAfter(WarmUpCall);
        await running;
        cancellationToken.ThrowIfCancellationRequested();
    }

    private MeasuredCall[] CreateCalls(int calls, PhoneLine line)
    {
        var longest = (calls * BetweenCalls) + Settling + interval + Draining + TimeSpan.FromSeconds(10);
        return [.. Enumerable.Range(0, calls).Select(number => new MeasuredCall(number, longest, line, http, clock))];
    }
}
