namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>What was measured on all calls of a run, as a table.</summary>
internal static class CallReport
{
    public static void Write(TextWriter output, IReadOnlyList<PlacedCall> calls)
    {
        output.WriteLine($"{calls.Count} call{(calls.Count == 1 ? "" : "s")}, {calls.Count(call => call.Failure is null)} went well");
        output.WriteLine();
        output.WriteLine($"{"",-36}{"p50",10}{"p99",10}{"max",10}{"n",8}");

        WriteRow("dialling to TwiML", calls.Select(call => call.Times.WebhookAnswer).OfType<TimeSpan>());
        WriteRow("dialling to stream open", calls.Select(call => call.Times.Connected).OfType<TimeSpan>());
        WriteRow("stream open to first media", calls.Select(call => call.Times.FirstMedia).OfType<TimeSpan>());
        WriteRow("stream open to first sound", calls.Select(call => call.Times.FirstAudible).OfType<TimeSpan>());
        WriteRow("end of speech to answer", calls.SelectMany(call => call.Times.Answers));
        WriteRow("interruption to silence", calls.SelectMany(call => call.Times.Interruptions));

        output.WriteLine();
        output.WriteLine(
            $"frames sent {calls.Sum(call => call.Times.FramesSent)} ({calls.Sum(call => call.Times.LateFrames)} late), "
            + $"heard {calls.Sum(call => call.Times.FramesHeard)}; marks returned {calls.Sum(call => call.Times.Marks)}");

        WriteCounted("The server said", calls.SelectMany(call => call.Caller.Sayings));
        WriteCounted("Failed", calls.Select(call => call.Failure).OfType<string>());

        void WriteRow(string name, IEnumerable<TimeSpan> values)
        {
            var sorted = values.Order().ToArray();
            var figures = sorted.Length == 0
                ? $"{"–",10}{"–",10}{"–",10}"
                : $"{Milliseconds(sorted, 0.5),10}{Milliseconds(sorted, 0.99),10}{Milliseconds(sorted, 1),10}";
            output.WriteLine($"{name,-36}{figures}{sorted.Length,8}");
        }

        void WriteCounted(string heading, IEnumerable<string> sentences)
        {
            foreach (var sentence in sentences.CountBy(sentence => sentence))
            {
                output.WriteLine($"{heading}{(calls.Count == 1 ? "" : $" ({sentence.Value}×)")}: {sentence.Key}");
            }
        }
    }

    // The nearest rank: a value that was measured, not one between two.
    private static string Milliseconds(TimeSpan[] sorted, double percentile) =>
        $"{sorted[(int)Math.Ceiling(percentile * sorted.Length) - 1].TotalMilliseconds:0} ms";
}
