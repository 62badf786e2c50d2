using VoiceAssistant.Local.Phone.Wav;

namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>Any number of callers with the same question, at the same time.</summary>
internal sealed class CallRun(PhoneLine line, ReadOnlyMemory<byte> question, TimeProvider time)
{
    // All at once would measure the accept queue.
    private static readonly TimeSpan BetweenCalls = TimeSpan.FromMilliseconds(10);

    public required IReadOnlyList<string> Callers { get; init; }

    public required TimeSpan Longest { get; init; }

    /// <summary>Where the first call is recorded.</summary>
    public FileStream? Recording { get; init; }

    /// <returns>Whether every call went well.</returns>
    public async Task<bool> RunAsync(TextWriter output, TextWriter progress, bool isTerminal, CancellationToken cancellationToken)
    {
        // A proxy of the network's knows nothing of a server on this machine.
        var isLocal = Uri.TryCreate(line.WebhookUrl, UriKind.Absolute, out var url) && url.IsLoopback;
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = !isLocal });
        var calls = Callers
            .Select((from, i) => new PlacedCall(line with { From = from }, question, records: i == 0 && Recording is not null, http, time))
            .ToArray();

        var done = Task.WhenAll(calls.Select((call, i) => call.RunAsync(i * BetweenCalls, Longest, cancellationToken)));
        await new ProgressLine(progress, isTerminal, calls, time).ShowUntilAsync(done);
        await done;

        if (Recording is not null)
        {
            Recording.SetLength(0);
            PhoneAudio.Write(Recording, calls[0].Caller.Said.Span, calls[0].Caller.Heard.Span);
        }

        CallReport.Write(output, calls);
        return calls.All(call => call.Failure is null);
    }
}
