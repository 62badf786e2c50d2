using System.Diagnostics;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>One response of the model, from when it was asked for to its end, as a span and in the metrics.</summary>
/// <param name="metrics">Where it is counted.</param>
/// <param name="turn">The span it belongs to; null where the call is not traced.</param>
/// <param name="time">The clock of all durations.</param>
/// <param name="content">What is said goes into the span, too; null: it does not.</param>
internal sealed class Inference(RealtimeMetrics metrics, Activity? turn, TimeProvider time, MessageContent? content)
{
    private readonly Activity? _span = Start(metrics.Model, turn);
    private readonly long _asked = time.GetTimestamp();
    private bool _heard;

    public void Created(string? id, string? model) => _span?.SetTag("gen_ai.response.id", id).SetTag("gen_ai.response.model", model);

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
    /// <param name="report">What the event says besides.</param>
    /// <param name="utf8">The event that says so.</param>
    /// <remarks>With content, <see cref="Answers"/> follows: words of the caller's may still come.</remarks>
    public void Done(RealtimeResponse? response, ResponseReport? report, ReadOnlySpan<byte> utf8)
    {
        var errorType = response?.Status is "failed" ? RealtimeError.TypeOf(response.ErrorCode)
            : response?.Status is "completed" or "incomplete" && !_heard && report?.CallIds.Any() is not true ? "silent_response"
            : null;
        metrics.Responded(time.GetElapsedTime(_asked), errorType, report?.Usage);

        if (_span is not null)
        {
            // Where one was interrupted, the reason says by whom: turn_detected or client_cancelled.
            var finishReason = RealtimeError.TypeOf(response?.StatusDetails?.Reason ?? response?.Status);
            _span.SetTag("gen_ai.response.finish_reasons", new[] { finishReason });
            _span.SetTag("gen_ai.conversation.id", report?.ConversationId);
            AddUsage(_span, report?.Usage);
            if (content is not null)
            {
                _span.SetTag("gen_ai.system_instructions", content.Instructions).SetTag("gen_ai.output.messages", MessageContent.Output(utf8, finishReason));
            }

            foreach (var item in report?.Output ?? [])
            {
                if (item is { Type: "function_call" })
                {
                    _span.AddEvent(new("voice.tool_call", tags: new() { ["gen_ai.tool.name"] = item.Name, ["gen_ai.tool.call.id"] = item.CallId }));
                }
            }
        }

        if (content is null)
        {
            End(errorType);
        }
        else
        {
            MarkIfFailed(errorType);
            _span?.SetEndTime(DateTime.UtcNow);
        }
    }

    /// <summary>What the caller said that it answers, as far as that is known.</summary>
    public void Answers(IReadOnlyList<string> words)
    {
        if (words is not [])
        {
            _span?.SetTag("gen_ai.input.messages", MessageContent.Input(words));
        }

        _span?.Dispose();
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
        MarkIfFailed(errorType);
        _span?.Dispose();
    }

    private void MarkIfFailed(string? errorType)
    {
        if (errorType is not null)
        {
            _span.Fail(errorType);
        }
    }
}
