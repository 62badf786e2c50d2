namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>One of the calls of a run.</summary>
internal sealed class PlacedCall
{
    private readonly PhoneCall _call;
    private readonly TimeProvider _time;

    public PlacedCall(PhoneLine line, ReadOnlyMemory<byte> question, bool records, HttpClient http, TimeProvider time)
    {
        _time = time;
        Caller = new(question, records) { HangUp = () => _call!.HangUp() };
        _call = new(line, Caller, http, time);
    }

    public WavCaller Caller { get; }

    public CallTimes Times => _call.Times;

    public CallEnd? End { get; private set; }

    public CallPhase Phase => End is null ? Caller.Phase : CallPhase.Ended;

    /// <summary>Why the call did not go well; null while it runs, and where it did.</summary>
    public string? Failure =>
        End is null ? null :
        End.Kind is not (CallEndKind.Completed or CallEndKind.HungUp) ? End.Reason :
        !Caller.IsConnected ? "The call ended before a stream was open." :
        Times.Warnings is [var warning, ..] ? $"Twilio would report {warning.Code}: {warning.Text}" :
        !Caller.WasAnswered ? "The caller heard no answer to the question." : null;

    public async Task RunAsync(TimeSpan delay, TimeSpan longest, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, _time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            End = CallEnd.CallerHungUp;
            return;
        }

        using var patience = new CancellationTokenSource(longest, _time);
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        End = await _call.RunAsync(hangUp.Token);
    }
}
