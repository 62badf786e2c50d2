namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>What was measured on all calls of a run, as a table.</summary>
internal static class CallReport
{
    public static void Write(TextWriter output, IReadOnlyList<PlacedCall> calls)
    {
        output.WriteLine($"{calls.Count} call{(calls.Count == 1 ? "" : "s")}, {calls.Count(call => call.Failure is null)} went well");
        var rows = Rows(calls).Where(row => row.Sorted.Length > 0).ToArray();
        if (rows.Length > 0)
        {
            output.WriteLine();
            output.WriteLine($"{"",-28}{"p50",10}{"p99",10}{"max",10}{"n",8}");
            foreach (var (name, sorted) in rows)
            {
                output.WriteLine($"{name,-28}{At(sorted, 0.5),10}{At(sorted, 0.99),10}{At(sorted, 1),10}{sorted.Length,8}");
            }

            output.WriteLine();
            output.WriteLine(
                $"frames sent {calls.Sum(call => call.Times.FramesSent)} ({calls.Sum(call => call.Times.LateFrames)} late), "
                + $"heard {calls.Sum(call => call.Times.FramesHeard)}; marks returned {calls.Sum(call => call.Times.Marks)}");
        }

        WriteCounted("The server said", calls.SelectMany(call => call.Caller.Sayings));
        WriteCounted("Failed", calls.Where(call => !call.WasStopped).Select(call => call.Failure).OfType<string>());
        if (calls.Count(call => call.WasStopped) is > 0 and var stopped)
        {
            output.WriteLine($"You stopped {(calls.Count == 1 ? "the call" : $"{stopped} calls")}.");
        }

        if (calls.Any(call => call is { TimeUp: not null, Failure: not null }))
        {
            output.WriteLine("A greater --seconds waits longer.");
        }

        void WriteCounted(string heading, IEnumerable<string> sentences)
        {
            foreach (var sentence in sentences.CountBy(sentence => sentence))
            {
                output.WriteLine($"{heading}{(calls.Count == 1 ? "" : $" ({sentence.Value}×)")}: {sentence.Key}");
            }
        }
    }

    /// <summary>Who spoke when in one call, and for how long.</summary>
    /// <param name="output">Where it is written.</param>
    /// <param name="call">It has ended.</param>
    /// <param name="assistant">Who answered.</param>
    /// <param name="words">The question; null where it is known as audio only.</param>
    public static void WriteCourse(TextWriter output, PlacedCall call, string assistant, string? words)
    {
        var (greeting, asked, answer) = (call.Caller.Greeting, call.Caller.Asked, call.Caller.Answer);
        string?[] course =
        [
            greeting is null ? null : $"{assistant} greeted for {greeting.Value.TotalSeconds:0.0} s",
            asked == TimeSpan.Zero ? null : $"the caller spoke for {asked.TotalSeconds:0.0} s{(words is null ? "" : $" (\"{words}\")")}",
            answer is null ? null : $"{assistant} answered for {answer.Value.TotalSeconds:0.0} s",
        ];
        if (string.Join(", then ", course.OfType<string>()) is [var first, .. var rest])
        {
            output.WriteLine($"{char.ToUpperInvariant(first)}{rest}.");
        }
    }

    /// <summary>One call as Markdown, which the Aspire dashboard shows as tables.</summary>
    public static void WriteMarkdown(TextWriter output, PlacedCall call)
    {
        WriteRows("What a caller notices", Rows([call]).Where(row => row.Sorted.Length > 0).Select(row => (row.Name, At(row.Sorted, 0.5))));
        WriteRows("Frames of 20 ms",
        [
            ("sent", $"{call.Times.FramesSent}"), ("of these late", $"{call.Times.LateFrames}"), ("heard", $"{call.Times.FramesHeard}"), ("marks returned", $"{call.Times.Marks}"),
        ]);
        foreach (var saying in call.Caller.Sayings)
        {
            output.WriteLine($"The server said: {saying}");
        }

        void WriteRows(string heading, IEnumerable<(string Name, string Value)> rows)
        {
            output.WriteLine($"| {heading} | |");
            output.WriteLine("|---|---:|");
            foreach (var (name, value) in rows)
            {
                output.WriteLine($"| {name} | {value} |");
            }

            output.WriteLine();
        }
    }

    private static IEnumerable<(string Name, TimeSpan[] Sorted)> Rows(IReadOnlyList<PlacedCall> calls)
    {
        yield return ("dialling to TwiML", Known(call => call.Times.WebhookAnswer));
        yield return ("dialling to stream open", Known(call => call.Times.Connected));
        yield return ("stream open to first media", Known(call => call.Times.FirstMedia));
        yield return ("stream open to first sound", Known(call => call.Times.FirstAudible));
        yield return ("end of speech to answer", [.. calls.SelectMany(call => call.Times.Answers).Order()]);
        yield return ("interruption to silence", [.. calls.SelectMany(call => call.Times.Interruptions).Order()]);

        TimeSpan[] Known(Func<PlacedCall, TimeSpan?> time) => [.. calls.Select(time).OfType<TimeSpan>().Order()];
    }

    // The nearest rank: a value that was measured, not one between two.
    private static string At(TimeSpan[] sorted, double percentile) =>
        $"{sorted[(int)Math.Ceiling(percentile * sorted.Length) - 1].TotalMilliseconds:0} ms";
}
