namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>Says how far the calls are: one line that changes on a terminal, a line now and then in a file.</summary>
internal sealed class ProgressLine(TextWriter output, bool isTerminal, IReadOnlyList<PlacedCall> calls, TimeProvider time)
{
    private static readonly TimeSpan Terminal = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Redirected = TimeSpan.FromSeconds(5);

    public async Task ShowUntilAsync(Task done)
    {
        using var timer = new PeriodicTimer(isTerminal ? Terminal : Redirected, time);
        var started = time.GetTimestamp();
        var tick = timer.WaitForNextTickAsync().AsTask();
        while (await Task.WhenAny(done, tick) == tick)
        {
            var text = $"{time.GetElapsedTime(started).TotalSeconds,4:0} s: {calls.Count(call => call.Caller.IsConnected)} of {calls.Count} connected, "
                + $"{calls.Count(call => call.Caller.WasAnswered)} answered, {calls.Count(call => call.End is not null)} ended";
            await output.WriteAsync(isTerminal ? $"\r{text}" : $"{text}{Environment.NewLine}");
            tick = timer.WaitForNextTickAsync().AsTask();
        }

        if (isTerminal)
        {
            await output.WriteLineAsync();
        }
    }
}
