namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>Any number of callers with the same question, at the same time.</summary>
internal sealed class CallRun(PhoneLine line, ReadOnlyMemory<byte> question, TimeProvider time)
{
    // All at once would measure the accept queue.
    private static readonly TimeSpan BetweenCalls = TimeSpan.FromMilliseconds(10);

    public required IReadOnlyList<string> Callers { get; init; }

    public required TimeSpan Longest { get; init; }

    /// <summary>Who answers, for the report.</summary>
    public required string Assistant { get; init; }

    /// <summary>The question in words; null where they are not known.</summary>
    public string? Words { get; init; }

    /// <summary>Where the first call is recorded.</summary>
    public Recording? Recording { get; init; }

    /// <returns>Whether every call went well.</returns>
    public async Task<bool> RunAsync(TextWriter output, TextWriter progress, int? width, CancellationToken cancellationToken)
    {
        using var http = line.CreateHttpClient();
        var calls = Callers
            .Select((from, i) => new PlacedCall(line with { From = from }, question, records: i == 0 && Recording is not null, http, time))
            .ToArray();

        await new ProgressLine(progress, width, calls, time).ShowAsync(
            () => Task.WhenAll(calls.Select((call, i) => call.RunAsync(i * BetweenCalls, Longest, cancellationToken))));

        CallReport.Write(output, calls);
        if (calls is [var only])
        {
            CallReport.WriteCourse(output, only, Assistant, Words);
        }

        Recording?.Save(calls[0].Caller, output);
        return calls.All(call => call.Failure is null);
    }
}
