using System.Diagnostics;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Local.Phone.Streams;

namespace VoiceAssistant.Local.Measuring;

/// <summary>A call whose caller speaks numbered frames, and hears them again from a model that repeats them.</summary>
internal sealed class MeasuredCall : ICaller
{
    private readonly int _number;
    private readonly int _capacity;
    private readonly PhoneCall _call;
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isSilent;
    private int _spoken;

    /// <param name="number">This call's place among the measured calls.</param>
    /// <param name="longest">When the caller falls silent at the latest.</param>
    /// <param name="line">How the server is reached.</param>
    /// <param name="http">Dials.</param>
    /// <param name="clock">Paces the frames.</param>
    public MeasuredCall(int number, TimeSpan longest, PhoneLine line, HttpClient http, PhoneClock clock)
    {
        (_number, _capacity) = (number, (int)(longest / Frame.Duration));
        (ToModel, ToCaller) = (new(_capacity), new(_capacity));
        _call = new(line, this, http, clock, Watch);
    }

    public FrameTrack ToModel { get; }

    public FrameTrack ToCaller { get; }

    public CallTimes Times => _call.Times;

    /// <summary>Completes when the stream is open, and fails with a sentence when the call ends before.</summary>
    public Task Connected => _connected.Task;

    public async Task<CallEnd> RunAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        await Task.Delay(delay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var end = await _call.RunAsync(cancellationToken);
        _connected.TrySetException(new InvalidDataException($"A call did not reach the model: {end.Reason}"));
        return end;
    }

    /// <summary>Lets what is on its way arrive: the frames that follow are silence.</summary>
    public void FallSilent() => _isSilent = true;

    public void HangUp() => _call.HangUp();

    void ICaller.Speak(Span<byte> frame)
    {
        if (_isSilent || _spoken == _capacity)
        {
            frame.Fill(MuLaw.Silence);
            return;
        }

        new NumberedFrame(_number, _spoken++).Write(frame);
    }

    void ICaller.Hear(ReadOnlySpan<byte> frame)
    {
    }

    void ICaller.Notice(PhoneEvent phoneEvent)
    {
        if (phoneEvent.Kind == PhoneEventKind.Connected)
        {
            _connected.TrySetResult();
        }
    }

    private void Watch(StreamDirection direction, ReadOnlySpan<byte> utf8)
    {
        var now = Stopwatch.GetTimestamp();
        if (!TryFindPayload(utf8, out var base64) || !NumberedFrame.TryRead(base64, out var frame, out var isIntact) || frame.Call != _number)
        {
            return;
        }

        if (direction == StreamDirection.FromServer)
        {
            ToCaller.Arrives(frame.Number, isIntact, now);
        }
        else
        {
            ToModel.Leaves(frame.Number, Stopwatch.GetTimestamp());
        }
    }

    private static bool TryFindPayload(ReadOnlySpan<byte> utf8, out ReadOnlySpan<byte> base64)
    {
        var name = "\"payload\":\""u8;
        var start = utf8.IndexOf(name);
        base64 = start < 0 ? default : utf8[(start + name.Length)..];
        var length = base64.IndexOf((byte)'"');
        base64 = length < 0 ? default : base64[..length];
        return length >= 0;
    }
}
