using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Text;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Keeps every text that an exporter of this process may get, whoever made it: of spans, of measurements, and of OpenTelemetry about itself.</summary>
internal sealed class ExportRecorder : EventListener
{
    private readonly ConcurrentDictionary<string, bool> _texts = new();
    private readonly ActivityListener _activities = new();
    private readonly MeterListener _meters = new();

    /// <param name="meters">Of the test's own hosts; libraries' meters that belong to no host are heard, too.</param>
    public ExportRecorder(params IMeterFactory[] meters)
    {
        _activities.ShouldListenTo = _ => true;
        _activities.Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded;
        _activities.ActivityStopped = Keep;
        ActivitySource.AddActivityListener(_activities);

        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope is null || meters.Contains(instrument.Meter.Scope))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<byte>((_, _, tags, _) => Keep(tags));
        _meters.SetMeasurementEventCallback<short>((_, _, tags, _) => Keep(tags));
        _meters.SetMeasurementEventCallback<int>((_, _, tags, _) => Keep(tags));
        _meters.SetMeasurementEventCallback<long>((_, _, tags, _) => Keep(tags));
        _meters.SetMeasurementEventCallback<float>((_, _, tags, _) => Keep(tags));
        _meters.SetMeasurementEventCallback<double>((_, _, tags, _) => Keep(tags));
        _meters.SetMeasurementEventCallback<decimal>((_, _, tags, _) => Keep(tags));
        _meters.Start();
    }

    public IEnumerable<string> Texts
    {
        get
        {
            _meters.RecordObservableInstruments();
            return _texts.Keys;
        }
    }

    /// <summary>As an exporter would write it: with what is in lists, and bytes as either of the texts that they may be.</summary>
    public static string Text(object? value) => value switch
    {
        string text => text,
        byte[] bytes => $"{Convert.ToBase64String(bytes)} {Encoding.UTF8.GetString(bytes)}",
        ReadOnlyMemory<byte> bytes => Text(bytes.ToArray()),
        IEnumerable values => string.Join(' ', values.Cast<object?>().Select(Text)),
        _ => $"{value}",
    };

    public override void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
        base.Dispose();
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name.StartsWith("OpenTelemetry", StringComparison.Ordinal))
        {
            EnableEvents(eventSource, EventLevel.Verbose);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
        Keep($"{eventData.EventName} {eventData.Message} {Text(eventData.Payload)}");

    private void Keep(Activity span)
    {
        Keep($"{span.OperationName} {span.DisplayName} {span.StatusDescription} {span.TraceStateString}");
        Keep([.. span.TagObjects]);
        Keep([.. span.Baggage.Select(baggage => KeyValuePair.Create(baggage.Key, (object?)baggage.Value))]);
        Keep([.. span.Links.SelectMany(link => link.Tags ?? [])]);
        foreach (var happened in span.Events)
        {
            Keep(happened.Name);
            Keep([.. happened.Tags]);
        }
    }

    private void Keep(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (name, value) in tags)
        {
            Keep($"{name}={Text(value)}");
        }
    }

    private void Keep(string text) => _texts.TryAdd(text, true);
}
