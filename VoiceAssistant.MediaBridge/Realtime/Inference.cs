using System.Diagnostics;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>One response of the model, from when it was asked for to its end, as a span and in the metrics.</summary>
internal sealed class Inference(RealtimeMetrics metrics, Activity? turn, TimeProvider time)
{
    private readonly Activity? _span = Start(metrics.Model, turn);
    private readonly long _asked = time.GetTimestamp();
    private bool _heard;

    public void Created(string? id) => _span?.SetTag("gen_ai.response.id", id);

    /// <returns>Whether this was the response's first.</returns>
    public bool AudioCame()
    {
        if (_heard)
        {
            return false;
        }

        _heard = true;
        var after = time.GetElapsedTime(_asked);
        _span?.SetTag("gen_ai.response.time_to_first_chunk", after.TotalSeconds);
        metrics.FirstAudio(after);
        return true;
    }

    /// <param name="response">How it ended.</param>
    /// <param name="report">What else the model says about it, where it can be read.</param>
    public void Done(RealtimeResponse? response, ResponseReport? report)
    {
        var errorType = response?.Status is "failed" ? RealtimeError.TypeOf(response.ErrorCode) : null;
        metrics.Responded(time.GetElapsedTime(_asked), errorType, report?.Usage);

        if (_span is not null)
        {
            // Where one was interrupted, the reason says by whom: turn_detected or client_cancelled.
            _span.SetTag("gen_ai.response.finish_reasons", new[] { RealtimeError.TypeOf(response?.StatusDetails?.Reason ?? response?.Status) });
            AddUsage(_span, report?.Usage);
            foreach (var item in report?.Output ?? [])
            {
                if (item.Type is "function_call")
                {
                    _span.AddEvent(new("voice.tool_call", tags: new() { ["gen_ai.tool.name"] = item.Name, ["gen_ai.tool.call.id"] = item.CallId }));
                }
            }
        }

        End(errorType);
    }

    /// <summary>It was never finished: the call or the session ended before.</summary>
    /// <param name="errorType">Null where that is nobody's fault.</param>
    public void Lost(string? errorType)
    {
        metrics.Responded(time.GetElapsedTime(_asked), errorType, usage: null);
        _span?.SetTag("gen_ai.response.finish_reasons", new[] { errorType is null ? "session_ended" : "error" });
        End(errorType);
    }

    private static Activity? Start(ModelTags model, Activity? turn)
    {
        var span = turn.StartBeside(model.SpanName, ActivityKind.Client);
        foreach (var (name, value) in model.List)
        {
            span?.SetTag(name, value);
        }

        return span?.SetTag("gen_ai.output.type", "speech");
    }

    private static void AddUsage(Activity span, ResponseUsage? usage)
    {
        span.SetTag("gen_ai.usage.input_tokens", usage?.InputTokens);
        span.SetTag("gen_ai.usage.text.input_tokens", usage?.InputTokenDetails?.TextTokens);
        span.SetTag("gen_ai.usage.audio.input_tokens", usage?.InputTokenDetails?.AudioTokens);
        span.SetTag("gen_ai.usage.cache_read.input_tokens", usage?.InputTokenDetails?.CachedTokens);
        span.SetTag("gen_ai.usage.text.cache_read.input_tokens", usage?.InputTokenDetails?.CachedTokensDetails?.TextTokens);
        span.SetTag("gen_ai.usage.audio.cache_read.input_tokens", usage?.InputTokenDetails?.CachedTokensDetails?.AudioTokens);
        span.SetTag("gen_ai.usage.output_tokens", usage?.OutputTokens);
        span.SetTag("gen_ai.usage.text.output_tokens", usage?.OutputTokenDetails?.TextTokens);
        span.SetTag("gen_ai.usage.audio.output_tokens", usage?.OutputTokenDetails?.AudioTokens);
    }

    private void End(string? errorType)
    {
        if (errorType is not null)
        {
            _span.Fail(errorType);
        }

        _span?.Dispose();
    }
}
