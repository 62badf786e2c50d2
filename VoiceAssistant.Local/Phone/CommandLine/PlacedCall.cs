namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>One of the calls of a run.</summary>
internal sealed class PlacedCall
{
    private readonly PhoneCall _call;
    private readonly TimeProvider _time;
    private volatile bool _hasHeardAll;

    public PlacedCall(PhoneLine line, ReadOnlyMemory<byte> question, bool records, HttpClient http, TimeProvider time)
    {
        _time = time;
        Caller = new(question, records) { HangUp = HangUp };
        _call = new(line, Caller, http, time);
    }

    public WavCaller Caller { get; }

    public CallTimes Times => _call.Times;

    public CallEnd? End { get; private set; }

    /// <summary>Whether it was the user who ended the call, before it was over.</summary>
    public bool WasStopped { get; private set; }

    /// <summary>How long the call lasted where its time was up before it was over; null where it was not.</summary>
    public TimeSpan? TimeUp { get; private set; }

    public CallPhase Phase => End is null ? Caller.Phase : CallPhase.Ended;

    /// <summary>Why the call did not go well; null while it runs, and where it did.</summary>
    public string? Failure =>
        End is null ? null :
        WasStopped ? "You stopped the call." :
        End.Kind is not (CallEndKind.Completed or CallEndKind.HungUp) ? End.Reason :
        !Caller.IsConnected ? $"The call ended before a stream was open{Within}." :
        Times.Warnings is [var warning, ..] ? $"Twilio would report {warning.Code}: {warning.Text}" :
        Caller is { WasAnswered: false, HeardClip: true } ? $"The model did not answer: after the question the caller heard only the server's own sentences{Within}." :
        !Caller.WasAnswered ? $"The caller heard no answer to the question{Within}." : null;

    public async Task RunAsync(TimeSpan delay, TimeSpan longest, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, _time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            (End, WasStopped) = (CallEnd.CallerHungUp, true);
            return;
        }

        using var patience = new CancellationTokenSource(longest, _time);
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var end = await _call.RunAsync(hangUp.Token);
        var wasCutShort = end.Kind is CallEndKind.HungUp && !_hasHeardAll;
        WasStopped = wasCutShort && cancellationToken.IsCancellationRequested;
        TimeUp = wasCutShort && !WasStopped ? longest : null;
        End = end;
    }

    private string Within => TimeUp is { } longest ? $" within {longest.TotalSeconds:0} s" : "";

    private void HangUp()
    {
        _hasHeardAll = true;
        _call.HangUp();
    }
}
