using System.Collections.Immutable;

namespace VoiceAssistant.Local.Phone;

/// <summary>What was measured on one call so far; readable from any thread while the call runs.</summary>
internal sealed class CallTimes(TimeProvider time)
{
    // A server that does everything wrong must not fill the memory with complaints.
    private const int MaxWarnings = 50;

    private const long Unknown = -1;

    private long _dialled;
    private long _webhookAnswer = Unknown;
    private long _connected = Unknown;
    private long _firstMedia = Unknown;
    private long _firstAudible = Unknown;
    private ImmutableArray<TimeSpan> _answers = [];
    private ImmutableArray<CutOff> _cutOffs = [];
    private ImmutableArray<ProtocolWarning> _warnings = [];
    private int _turns;
    private long _framesSent;
    private long _framesHeard;
    private long _lateFrames;
    private long _marks;

    /// <summary>From dialling to the webhook's TwiML.</summary>
    public TimeSpan? WebhookAnswer => Read(ref _webhookAnswer);

    /// <summary>From dialling to the first stream's start message.</summary>
    public TimeSpan? Connected => Read(ref _connected);

    /// <summary>From the stream's start to the server's first media message.</summary>
    public TimeSpan? FirstMedia => Read(ref _firstMedia);

    /// <summary>From the stream's start to the first sound the caller heard.</summary>
    public TimeSpan? FirstAudible => Read(ref _firstAudible);

    /// <summary>Each turn's wait: from the end of what the caller said to the first sound of the answer.</summary>
    public ImmutableArray<TimeSpan> Answers => _answers;

    public ImmutableArray<CutOff> CutOffs => _cutOffs;

    /// <summary>Each interruption that began over the assistant's voice: from the caller's first sound to the assistant's silence.</summary>
    public IEnumerable<TimeSpan> Interruptions => _cutOffs.Select(cutOff => cutOff.SilentAfter).OfType<TimeSpan>();

    /// <summary>How often the caller began to speak; after that, they wait for an answer.</summary>
    public int Turns => Volatile.Read(ref _turns);

    public long FramesSent => Volatile.Read(ref _framesSent);

    /// <summary>Frames that held the server's audio; padding is not counted.</summary>
    public long FramesHeard => Volatile.Read(ref _framesHeard);

    /// <summary>Frames sent a frame or more after they were due, and frames left out where the clock stood still for over a second.</summary>
    public long LateFrames => Volatile.Read(ref _lateFrames);

    /// <summary>Marks returned to the server.</summary>
    public long Marks => Volatile.Read(ref _marks);

    /// <summary>What Twilio's debugger would show about the server's messages; each kind once.</summary>
    public ImmutableArray<ProtocolWarning> Warnings => _warnings;

    public void Dialled() => _dialled = time.GetTimestamp();

    public void WebhookAnswered() => SetOnce(ref _webhookAnswer, time.GetElapsedTime(_dialled));

    public void StreamStarted() => SetOnce(ref _connected, time.GetElapsedTime(_dialled));

    public void MediaReceived(TimeSpan sinceStart) => SetOnce(ref _firstMedia, sinceStart);

    public void SoundHeard(TimeSpan sinceStart) => SetOnce(ref _firstAudible, sinceStart);

    public void Answered(TimeSpan wait) => ImmutableInterlocked.Update(ref _answers, (all, one) => all.Add(one), wait);

    public void CutOff(CutOff cutOff) => ImmutableInterlocked.Update(ref _cutOffs, (all, one) => all.Add(one), cutOff);

    public void TurnBegan() => Interlocked.Increment(ref _turns);

    public void FrameSent() => Interlocked.Increment(ref _framesSent);

    public void FrameHeard() => Interlocked.Increment(ref _framesHeard);

    public void FramesLate(long count) => Interlocked.Add(ref _lateFrames, count);

    public void MarkReturned() => Interlocked.Increment(ref _marks);

    public void Warn(ProtocolWarning warning) => ImmutableInterlocked.Update(
        ref _warnings, (all, one) => all.Length == MaxWarnings || all.Contains(one) ? all : all.Add(one), warning);

    private static TimeSpan? Read(ref long ticks) => Volatile.Read(ref ticks) is >= 0 and var known ? TimeSpan.FromTicks(known) : null;

    private static void SetOnce(ref long ticks, TimeSpan value) => Interlocked.CompareExchange(ref ticks, value.Ticks, Unknown);
}
