using System.Diagnostics;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>
/// The turns of a call: the caller speaks, the model answers, the caller hears it or speaks over it. A turn lasts from the caller's first
/// word, or the wish for a greeting, to the end of what was said in answer.
/// </summary>
/// <remarks>Thread-safe: the model's side tells it most, and whoever speaks for the model the rest.</remarks>
internal sealed class TurnTrace(Activity? call, CallMetrics metrics, RealtimeMetrics model, TimeProvider time, MessageContent? content = null) : IDisposable
{
    private const int BytesPerMillisecond = 8;

    // Less is the network's jitter, which Twilio's own buffer hides.
    private static readonly TimeSpan Audible = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly long _callBegan = time.GetTimestamp();
    private Activity? _turn;
    private Inference? _asked;
    private Inference? _response;
    private CallerWords _words = new();
    private (Inference Response, CallerWords Words)? _answered;
    private int _number;
    private string _trigger = "";
    private bool _answering;
    private long? _waitingSince;
    private long? _speakingSince;
    private long _lastAt;
    private long _playsUntil;

    /// <summary>The model is to speak first.</summary>
    public void GreetingAsked()
    {
        lock (_lock)
        {
            Begin("greeting");
            _waitingSince = _lastAt;
            ResponseAsked();
        }
    }

    /// <summary>The model is asked to say something, or is known to begin by itself.</summary>
    public void ResponseAsked()
    {
        lock (_lock)
        {
            Touch();
            _asked = NewInference();
        }
    }

    /// <param name="interruption">What the caller spoke over; null if nothing.</param>
    public void SpeechStarted(Interruption? interruption)
    {
        lock (_lock)
        {
            if (interruption is not null)
            {
                var heard = interruption.Items.Sum(item => item.Milliseconds);
                metrics.Interrupted();
                _turn?.SetTag("voice.turn.interrupted", true).AddEvent(new("voice.interruption", tags: new() { ["voice.interruption.heard_ms"] = heard }));
                // Twilio has thrown the rest away.
                _playsUntil = Touch();
            }

            Begin("speech");
            _speakingSince = _lastAt;
        }
    }

    public void SpeechStopped()
    {
        lock (_lock)
        {
            _waitingSince = Touch();
            if (_speakingSince is { } since)
            {
                _speakingSince = null;
                _turn?.SetTag("voice.turn.speech.duration", time.GetElapsedTime(since, _lastAt).TotalSeconds);
            }

            ResponseAsked();
        }
    }

    /// <param name="id">Of the response.</param>
    /// <param name="by">Which model gives it; null where that is not known.</param>
    public void ResponseCreated(string? id, string? by = null)
    {
        lock (_lock)
        {
            Touch();
            _response?.Lost(errorType: null);
            _response = _asked ?? NewInference();
            _response.Created(id, by);
            _asked = null;
            _answering = false;
        }
    }

    /// <summary>Audio of the model's was passed on to the caller.</summary>
    /// <param name="bytes">Its length.</param>
    public void AudioSent(int bytes)
    {
        lock (_lock)
        {
            Touch();
            if (_response?.AudioCame() is true)
            {
                AnswerBegan();
            }
            else if (_answering && time.GetElapsedTime(_playsUntil, _lastAt) is var silence && silence >= Audible)
            {
                metrics.Gap(silence, "late_audio");
            }

            _answering = true;
            Play(bytes);
        }
    }

    /// <summary>The bridge itself says something, for want of the model.</summary>
    public void ClipPlayed(Clip clip)
    {
        lock (_lock)
        {
            Touch();
            (_turn ?? call)?.AddEvent(new("voice.clip", tags: new() { ["voice.clip.name"] = clip.Name }));
            _answering = false;
            Play(clip.Bytes);
        }
    }

    /// <summary>The caller's turn is over; its words may follow.</summary>
    public void CallerSpoke(string itemId)
    {
        if (content is not null)
        {
            lock (_lock)
            {
                _words.Spoke(itemId);
            }
        }
    }

    /// <inheritdoc cref="Transcript.CallerSaid"/>
    public void CallerSaid(string itemId, string text)
    {
        if (content is not null)
        {
            lock (_lock)
            {
                if (!_words.TrySaid(itemId, text) && _answered?.Words.TrySaid(itemId, text) is true)
                {
                    EndAnsweredWhenComplete();
                }
            }
        }
    }

    public void ResponseDone(RealtimeResponse? response, ResponseReport? report, ReadOnlySpan<byte> utf8)
    {
        lock (_lock)
        {
            Touch();
            var done = _response ?? _asked ?? NewInference();
            done.Done(response, report, utf8);
            if (content is not null)
            {
                EndAnswered();
                _answered = (done, _words);
                _words = new CallerWords();
                EndAnsweredWhenComplete();
            }

            _response = _asked = null;
            _answering = false;
        }
    }

    /// <summary>What the model was asked for, or in the middle of, does not come any more.</summary>
    /// <param name="errorType">Null where that is nobody's fault: the call is over.</param>
    public void SessionEnded(string? errorType)
    {
        lock (_lock)
        {
            (_response ?? _asked)?.Lost(errorType);
            _response = _asked = null;
            _answering = false;
            EndAnswered();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            SessionEnded(errorType: null);
            End();
        }
    }

    private void Begin(string trigger)
    {
        End();
        Touch();
        _asked = null;
        _waitingSince = null;
        _trigger = trigger;
        _turn = call.StartBeside("voice.turn")?.SetTag("voice.turn.number", ++_number).SetTag("voice.turn.trigger", trigger);
    }

    private Inference NewInference() => new(model, _turn ?? call, time, content);

    private void EndAnsweredWhenComplete()
    {
        if (!content!.HasCallersWords || _answered?.Words.AreComplete is true)
        {
            EndAnswered();
        }
    }

    private void EndAnswered()
    {
        _answered?.Response.Answers(_answered.Value.Words.Known);
        _answered = null;
    }

    private void AnswerBegan()
    {
        if (_waitingSince is { } since)
        {
            var waited = time.GetElapsedTime(since, _lastAt);
            _waitingSince = null;
            metrics.FirstAudioOfTurn(waited, _trigger);
            _turn?.SetTag("voice.turn.time_to_first_audio", waited.TotalSeconds);
        }
    }

    private void Play(int bytes)
    {
        if (_playsUntil == 0)
        {
            metrics.FirstAudioOfCall(time.GetElapsedTime(_callBegan, _lastAt));
        }

        _playsUntil = Math.Max(_playsUntil, _lastAt) + (bytes * time.TimestampFrequency / (1000 * BytesPerMillisecond));
    }

    private void End()
    {
        // Then nobody spoke for a while, which belongs to no turn.
        var over = time.GetElapsedTime(Math.Max(_lastAt, _playsUntil));
        if (over > TimeSpan.Zero && _speakingSince is null)
        {
            _turn?.SetEndTime(DateTime.UtcNow - over);
        }

        _turn?.Dispose();
        _turn = null;
    }

    private long Touch() => _lastAt = time.GetTimestamp();
}
