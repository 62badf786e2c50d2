using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>What is measured of the model; what has a name in OpenTelemetry's GenAI conventions has that one.</summary>
/// <remarks>https://github.com/open-telemetry/semantic-conventions-genai, v0.1.0, docs/gen-ai/client-inference.md and gen-ai-token-metrics.md</remarks>
internal sealed class RealtimeMetrics
{
    // Of the conventions.
    private static readonly InstrumentAdvice<double> InferenceSeconds =
        new() { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] };

    // A try is given up after 5 s.
    private static readonly InstrumentAdvice<double> ConnectSeconds = new() { HistogramBucketBoundaries = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5] };

    private readonly Histogram<double> _connect;
    private readonly Counter<long> _reconnects;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _timeToFirstChunk;
    private readonly Counter<long> _inputTokens;
    private readonly Counter<long> _cachedTokens;
    private readonly Counter<long> _outputTokens;

    public RealtimeMetrics(IMeterFactory meters, IOptions<RealtimeOptions> options)
    {
        Model = new ModelTags(options.Value);

        var meter = meters.Create(Tracing.Name);
        _connect = meter.CreateHistogram("va.openai.connect.seconds", "s", "Time to connect to the model, by result.", advice: ConnectSeconds);
        _reconnects = meter.CreateCounter<long>("va.openai.reconnects", "{session}", "Sessions in which a call went on, by what became of the one before.");
        _duration = meter.CreateHistogram("gen_ai.client.inference.duration", "s", "From asking the model for a response to its end.", advice: InferenceSeconds);
        _timeToFirstChunk = meter.CreateHistogram(
            "gen_ai.client.inference.time_to_first_chunk", "s", "From asking the model for a response to its first audio.", advice: InferenceSeconds);
        _inputTokens = meter.CreateCounter<long>("gen_ai.client.inference.usage.input_tokens", "{token}", "Tokens the model read, cached ones included.");
        _cachedTokens = meter.CreateCounter<long>("gen_ai.client.inference.usage.cache_read.input_tokens", "{token}", "Tokens the model read from its cache.");
        _outputTokens = meter.CreateCounter<long>("gen_ai.client.inference.usage.output_tokens", "{token}", "Tokens the model wrote.");
    }

    public ModelTags Model { get; }

    /// <param name="taken">How long the try took.</param>
    /// <param name="result">ok, or the error.type of the failure.</param>
    public void Connected(TimeSpan taken, string result) => _connect.Record(taken.TotalSeconds, new KeyValuePair<string, object?>("result", result));

    /// <param name="reason">renewed, or the error.type with which the session before was lost.</param>
    public void Reconnected(string reason) => _reconnects.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void FirstAudio(TimeSpan after) => _timeToFirstChunk.Record(after.TotalSeconds, Model.List);

    public void Responded(TimeSpan taken, string? errorType, ResponseUsage? usage)
    {
        var tags = Model.List;
        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        _duration.Record(taken.TotalSeconds, tags);

        Add(_inputTokens, usage?.InputTokens, usage?.InputTokenDetails?.TextTokens, usage?.InputTokenDetails?.AudioTokens);
        Add(_outputTokens, usage?.OutputTokens, usage?.OutputTokenDetails?.TextTokens, usage?.OutputTokenDetails?.AudioTokens);
        var cached = usage?.InputTokenDetails?.CachedTokensDetails;
        Add(_cachedTokens, usage?.InputTokenDetails?.CachedTokens, cached?.TextTokens, cached?.AudioTokens);
    }

    private void Add(Counter<long> counter, long? all, long? text, long? audio)
    {
        Add(counter, text, "text");
        Add(counter, audio, "audio");
        // What the model does not break down.
        Add(counter, all - (text ?? 0) - (audio ?? 0), "unknown");
    }

    private void Add(Counter<long> counter, long? tokens, string modality)
    {
        if (tokens > 0)
        {
            counter.Add(tokens.Value, [.. Model.List, new("gen_ai.token.modality", modality)]);
        }
    }
}
