using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Keeps what an exporter would get: the spans of the test's own trace, and what meters of the test's own hosts measured.</summary>
/// <remarks>The trace begins where this is created: a token that the test issues from then on carries it.</remarks>
internal sealed class TelemetryRecorder : IDisposable
{
    private readonly Activity _test = new("test");
    private readonly ActivityListener _activities = new();
    private readonly MeterListener _meters = new();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentQueue<Measured> _measured = new();
    private readonly Channel<Activity> _requests = Channel.CreateUnbounded<Activity>();
    private readonly TaskCompletionSource _callEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TelemetryRecorder(params IMeterFactory[] meters)
    {
        _test.SetIdFormat(ActivityIdFormat.W3C).Start();

        _activities.ShouldListenTo = _ => true;
        _activities.Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded;
        _activities.ActivityStopped = Keep;
        ActivitySource.AddActivityListener(_activities);

        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (meters.Contains(instrument.Meter.Scope))
            {
                Instruments.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _measured.Enqueue(new(instrument, value, tags.ToArray())));
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _measured.Enqueue(new(instrument, value, tags.ToArray())));
        _meters.Start();
    }

    public ConcurrentBag<Instrument> Instruments { get; } = [];

    /// <summary>Those that have ended, in that order.</summary>
    public IEnumerable<Activity> Spans => _spans;

    public IEnumerable<Measured> AllMeasured => _measured;

    /// <returns>The call's span, when it has ended; all else of the call is recorded then, too.</returns>
    public async Task<Activity> CallAsync()
    {
        await _callEnded.Task.WaitAsync(TestTimeout.Value);
        return Single("voice.call");
    }

    /// <returns>The span of the next request that a server has ended.</returns>
    public async Task<Activity> RequestAsync() => await _requests.Reader.ReadAsync(TestTimeout.Token);

    public Activity Single(string name) => Assert.Single(_spans, span => span.OperationName == name);

    public IReadOnlyList<Activity> All(string name) => [.. _spans.Where(span => span.OperationName == name)];

    /// <summary>What an instrument measured under this tag.</summary>
    public IReadOnlyList<double> Measured(string name, string? tag = null, object? value = null) =>
        [.. _measured.Where(measured => measured.Instrument.Name == name && (tag is null || Equals(measured[tag], value))).Select(measured => measured.Value)];

    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
        _test.Dispose();
    }

    // The fake model is a server, too.
    private bool IsTheModels(Activity request) =>
        _spans.Any(sent => sent.SpanId == request.ParentSpanId && sent.Parent?.OperationName == "voice.model.connect");

    private void Keep(Activity span)
    {
        if (span.TraceId == _test.TraceId)
        {
            _spans.Enqueue(span);
            switch (span.OperationName)
            {
                case "voice.call":
                    _callEnded.TrySetResult();
                    break;
                case "Microsoft.AspNetCore.Hosting.HttpRequestIn" when !IsTheModels(span):
                    _requests.Writer.TryWrite(span);
                    break;
            }
        }
    }
}

internal sealed record Measured(Instrument Instrument, double Value, KeyValuePair<string, object?>[] Tags)
{
    public object? this[string tag] => Tags.FirstOrDefault(pair => pair.Key == tag).Value;
}
