using System.Diagnostics;
using VoiceAssistant.Calls;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>One call as an operator sees it: a span, and what the metrics count. It is told what happens and does nothing else.</summary>
internal sealed class CallTrace : IDisposable
{
    private readonly CallMetrics _metrics;
    private readonly RealtimeMetrics _model;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly Activity? _span;
    private string _reason = "error";
    private string? _errorType;
    private long _dropped;

    /// <param name="callSid">Which call it is.</param>
    /// <param name="parent">The trace that began with the call's webhook; default without one.</param>
    /// <param name="metrics">Where the call is counted.</param>
    /// <param name="model">Where its model is.</param>
    /// <param name="time">The clock of all durations.</param>
    /// <param name="content">Puts what is said into the spans of the model's responses; null: it is nowhere.</param>
    /// <remarks>Its span becomes the current one, so that log lines of the call carry its trace.</remarks>
    public CallTrace(string callSid, ActivityContext parent, CallMetrics metrics, RealtimeMetrics model, TimeProvider time, MessageContent? content = null)
    {
        _metrics = metrics;
        _model = model;
        _time = time;
        _started = time.GetTimestamp();

        // The socket's own request lasts as long and belongs to whoever opened it; the call's trace began with its webhook.
        Activity.Current = null;
        _span = Tracing.Source.StartActivity("voice.call", ActivityKind.Server, parent)?.SetTag(CallScope.Attribute, callSid);
        Turns = new TurnTrace(_span, metrics, model, time, content);
        metrics.Started();
    }

    public TurnTrace Turns { get; }

    /// <summary>The call goes on in another session of the model's.</summary>
    /// <param name="lost">How the session before was lost; null where it was replaced in time.</param>
    public void ModelReplaced(RealtimeException? lost) => _model.Reconnected(lost?.ErrorType ?? "renewed");

    /// <summary>The caller hears an apology: there is no model, or no more.</summary>
    public void ModelLost(Exception exception)
    {
        _errorType = exception is RealtimeException realtime ? realtime.ErrorType : "connection_lost";
        Turns.SessionEnded(_errorType);
    }

    /// <summary>Told again and again how much audio waits.</summary>
    public void Watched(TimeSpan waitingForModel, TimeSpan waitingForCaller) => _metrics.Watched(waitingForModel, waitingForCaller);

    /// <summary>Without this, the call ended by a fault of ours.</summary>
    public void Ended(CallEnd end, long frames, long dropped, long deltas)
    {
        _reason = end switch
        {
            CallEnd.CallerLeft => "caller_left",
            CallEnd.CallerLost => "caller_lost",
            CallEnd.CallerViolation => "caller_violation",
            CallEnd.ModelLost => "model_lost",
            CallEnd.TimeLimit => "time_limit",
            CallEnd.CallerSilent => "caller_silent",
            CallEnd.HandedOver => "handed_over",
            CallEnd.Stopping => "stopping",
            _ => throw new UnreachableException(),
        };
        _dropped = dropped;
        _span?.SetTag("voice.call.frames_in", frames).SetTag("voice.call.frames_dropped", dropped).SetTag("voice.call.deltas_out", deltas);
    }

    public void Dispose()
    {
        Turns.Dispose();

        var duration = _time.GetElapsedTime(_started);
        _metrics.Ended(_reason, duration, _dropped);
        _span?.SetTag("voice.call.end_reason", _reason).SetTag("voice.call.duration", duration.TotalSeconds);
        if (_reason is not ("caller_left" or "time_limit" or "caller_silent" or "handed_over"))
        {
            _span.Fail(_errorType ?? _reason);
        }

        _span?.Dispose();
    }
}
