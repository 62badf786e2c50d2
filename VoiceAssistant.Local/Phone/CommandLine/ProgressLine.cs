namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>Says how far the calls are: on a terminal one line with a bar that changes, in a file a line for each change.</summary>
/// <param name="output">Where it is shown.</param>
/// <param name="width">The terminal's, in characters; null where there is no terminal.</param>
/// <param name="calls">They may still have to begin.</param>
/// <param name="time">For the seconds, and for when to look.</param>
internal sealed class ProgressLine(TextWriter output, int? width, IReadOnlyList<PlacedCall> calls, TimeProvider time)
{
    private const int LongestBar = 20;

    // A shorter one shows nothing.
    private const int ShortestBar = 4;

    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);

    // Many calls change all the time: a file would be full of it.
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(5);

    private readonly long _started = time.GetTimestamp();
    private string _last = "";

    /// <summary>Shows how far the calls are before, while and after this runs.</summary>
    public async Task ShowAsync(Func<Task> run)
    {
        using var timer = new PeriodicTimer(width is null && calls.Count > 1 ? Seldom : Often, time);
        var tick = timer.WaitForNextTickAsync().AsTask();
        await ShowAsync();
        var done = run();
        while (await Task.WhenAny(done, tick) == tick)
        {
            await ShowAsync();
            tick = timer.WaitForNextTickAsync().AsTask();
        }

        await ShowAsync();
        if (width is not null)
        {
            await output.WriteLineAsync();
        }

        await done;
    }

    private async Task ShowAsync()
    {
        var phases = calls.Select(call => call.Phase).ToArray();
        var text = phases is [var only]
            ? Describe(only)
            : string.Join(", ", phases.CountBy(phase => phase).OrderBy(phase => phase.Key).Select(phase => $"{phase.Value} {Describe(phase.Key)}"));
        var line = $"{(int)time.GetElapsedTime(_started).TotalSeconds,4} s: {text}";
        if (width is { } columns)
        {
            // A character short of the edge, where some terminals begin another line.
            var room = columns - 1;
            await output.WriteAsync($"\r{$"{Bar(phases, room - line.Length)}{line}".PadRight(room)[..room]}");
        }
        else if (text != _last)
        {
            _last = text;
            await output.WriteLineAsync(line);
        }
    }

    /// <returns>A bar and a space; nothing where the text needs the room.</returns>
    private static string Bar(CallPhase[] phases, int room)
    {
        var length = Math.Min(LongestBar, room - "[] ".Length);
        if (length < ShortestBar)
        {
            return "";
        }

        var done = (int)(length * phases.Average(phase => (double)phase / (double)CallPhase.Ended));
        return $"[{new string('#', done)}{new string('.', length - done)}] ";
    }

    private static string Describe(CallPhase phase) => phase switch
    {
        CallPhase.Dialling => "dialling",
        CallPhase.AwaitingGreeting => "waiting for the greeting",
        CallPhase.HearingGreeting => "hearing the greeting",
        CallPhase.Asking => "asking the question",
        CallPhase.AwaitingAnswer => "waiting for the answer",
        CallPhase.HearingAnswer => "hearing the answer",
        _ => "ended",
    };
}
