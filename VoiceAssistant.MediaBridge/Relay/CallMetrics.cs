using System.Diagnostics.Metrics;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What is measured of calls.</summary>
internal sealed class CallMetrics
{
    private static readonly InstrumentAdvice<double> CallSeconds = new() { HistogramBucketBoundaries = [1, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600] };

    // Beyond 1 s a caller wonders, beyond 3 s they say hello again.
    private static readonly InstrumentAdvice<double> WaitSeconds = new() { HistogramBucketBoundaries = [0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20] };

    // Caller's audio is kept for 10 s; of the model's, a whole answer may wait to be played.
    private static readonly InstrumentAdvice<double> QueueSeconds = new() { HistogramBucketBoundaries = [0, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60] };

    private static readonly KeyValuePair<string, object?> In = new("dir", "in");
    private static readonly KeyValuePair<string, object?> Out = new("dir", "out");

    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _started;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _callToFirstAudio;
    private readonly Histogram<double> _turnToFirstAudio;
    private readonly Counter<long> _interruptions;
    private readonly Histogram<double> _gap;
    private readonly Histogram<double> _queue;
    private readonly Counter<long> _dropped;
    private readonly Histogram<double> _drain;
    private readonly Counter<long> _forced;

    public CallMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Tracing.Name);
        _active = meter.CreateUpDownCounter<long>("va.calls.active", "{call}", "Calls that are held now.");
        _started = meter.CreateCounter<long>("va.streams.started", "{stream}", "Streams that were admitted; a call may have several.");
        _ended = meter.CreateCounter<long>("va.streams.ended", "{stream}", "Streams that ended, by reason; a call may have had several.");
        _duration = meter.CreateHistogram("voice.call.duration", "s", "How long calls were held, by the reason of their end.", advice: CallSeconds);
        _callToFirstAudio = meter.CreateHistogram(
            "voice.call.time_to_first_audio", "s", "From a call's first moment to the first sound of the assistant.", advice: WaitSeconds);
        _turnToFirstAudio = meter.CreateHistogram(
            "voice.turn.time_to_first_audio", "s", "From the end of the caller's speech, as the model noticed it, or from the wish for a greeting, to the first sound of the answer.",
            advice: WaitSeconds);
        _interruptions = meter.CreateCounter<long>("voice.interruptions", "{interruption}", "Answers that callers spoke over.");
        _gap = meter.CreateHistogram("va.call.gap.seconds", "s", "Silence that nobody meant and the caller heard, by cause.", advice: WaitSeconds);
        _queue = meter.CreateHistogram(
            "va.audio.queue.seconds", "s", "Audio that waits, looked at four times a second: in for the model, out for the caller.", advice: QueueSeconds);
        _dropped = meter.CreateCounter<long>("va.audio.dropped", "{frame}", "Frames of 20 ms that were thrown away because they were too old.");
        _drain = meter.CreateHistogram("va.drain.seconds", "s", "How long the calls of a process took to leave it, when it was to stop.", advice: CallSeconds);
        _forced = meter.CreateCounter<long>("va.drain.forced", "{call}", "Calls that a process that was to stop handed over in mid-turn, or ended.");
    }

    public void Started()
    {
        _active.Add(1);
        _started.Add(1);
    }

    public void Ended(string reason, TimeSpan duration, long dropped)
    {
        var tag = new KeyValuePair<string, object?>("reason", reason);
        _active.Add(-1);
        _ended.Add(1, tag);
        _duration.Record(duration.TotalSeconds, tag);
        if (dropped > 0)
        {
            _dropped.Add(dropped, In);
        }
    }

    public void FirstAudioOfCall(TimeSpan after) => _callToFirstAudio.Record(after.TotalSeconds);

    public void FirstAudioOfTurn(TimeSpan after, string trigger) =>
        _turnToFirstAudio.Record(after.TotalSeconds, new KeyValuePair<string, object?>("trigger", trigger));

    public void Interrupted() => _interruptions.Add(1);

    /// <param name="silence">How long.</param>
    /// <param name="cause">A word of ours.</param>
    public void Gap(TimeSpan silence, string cause) => _gap.Record(silence.TotalSeconds, new KeyValuePair<string, object?>("cause", cause));

    public void Drained(TimeSpan duration, int forced)
    {
        _drain.Record(duration.TotalSeconds);
        if (forced > 0)
        {
            _forced.Add(forced);
        }
    }

    public void Watched(TimeSpan waitingForModel, TimeSpan waitingForCaller)
    {
        _queue.Record(waitingForModel.TotalSeconds, In);
        _queue.Record(waitingForCaller.TotalSeconds, Out);
    }
}
