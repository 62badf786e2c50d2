using System.Runtime.CompilerServices;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>
/// The caller's voice on its way to the model: kept while there is no model to hear it, without the gaps that Twilio leaves.
/// </summary>
/// <remarks>
/// Twilio may skip frames (network, comfort noise), and without them the model's voice detection never sees that the caller stopped
/// speaking. Where time passed without frames, silence goes in their place.
/// </remarks>
internal sealed class CallerAudio(TimeProvider time) : IDisposable
{
    private const int BytesPerMillisecond = 8;

    // Ten seconds: longer than the first connect may take.
    private const int MaxKeptFrames = 500;

    // Two seconds: what was said before that in a gap is answered too late to make sense.
    private const int MaxKeptInGap = 100;

    // The caller's leg is given up when nothing comes for this long.
    private const long MaxGap = 5000;

    // Frames come every 20 ms; this is no jitter any more, and longer than the silence that ends a turn.
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(750);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Queue<byte[]> _kept = new();
    private RealtimeSession? _model;
    private long? _next;
    private long _arrivedAt;
    private int _maxKept = MaxKeptFrames;

    /// <summary>What the bridge itself hears of it.</summary>
    public CallerVoice Voice { get; } = new(time);

    /// <summary>Frames that were too old when the model began to listen.</summary>
    public long Dropped { get; private set; }

    /// <summary>How much is waiting for a model to hear it.</summary>
    public TimeSpan Waiting => TimeSpan.FromMilliseconds(_kept.Count * Silence.FrameMilliseconds);

    /// <summary>Passes a frame on, after silence for the time that is missing before it.</summary>
    /// <param name="timestamp">Milliseconds since the stream's start; null where Twilio did not say.</param>
    /// <param name="base64">The frame as it came.</param>
    /// <param name="bytes">Length of the decoded frame.</param>
    /// <param name="cancellationToken">Cancelling aborts the model's socket.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask AppendAsync(long? timestamp, ReadOnlyMemory<byte> base64, int bytes, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _arrivedAt = time.GetTimestamp();
            Voice.Hear(base64.Span);
            // No stream lasts 24 days; what is beyond would overflow, and then be filled up to frame by frame.
            if (timestamp is >= 0 and <= int.MaxValue and var start)
            {
                await FillUntilAsync(start, cancellationToken);
                _next = Math.Max(_next ?? 0, start + (bytes / BytesPerMillisecond));
            }

            await PassOnAsync(base64, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Lets time pass for the model also while no frames come at all, until cancelled.</summary>
    public async Task FillPausesAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Late / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await FillPauseAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The call ended.
        }
    }

    /// <summary>Lets the model hear what was kept, and from now on every frame at once.</summary>
    public async Task ConnectAsync(RealtimeSession model, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _model = model;
            _maxKept = MaxKeptInGap;
            while (_model is not null && _kept.TryDequeue(out var frame))
            {
                await PassOnAsync(frame, cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>This model hears no more; what the caller says is kept for the next. If it does not take what is being sent, it must have been aborted.</summary>
    public async Task DisconnectAsync(RealtimeSession model)
    {
        await _turn.WaitAsync();
        _model = _model == model ? null : _model;
        _turn.Release();
    }

    public void Dispose() => _turn.Dispose();

    private async Task FillPauseAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Not asked again below: the time that the filling takes is missing, too.
            var now = time.GetTimestamp();
            var pause = time.GetElapsedTime(_arrivedAt, now);
            if (_next is { } next && pause > Late)
            {
                await FillUntilAsync(next + (long)pause.TotalMilliseconds, cancellationToken);
                _arrivedAt = now;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask FillUntilAsync(long timestamp, CancellationToken cancellationToken)
    {
        if (_next is not { } next)
        {
            return;
        }

        for (var until = Math.Min(timestamp, next + MaxGap); next + Silence.FrameMilliseconds <= until; next += Silence.FrameMilliseconds)
        {
            await PassOnAsync(Silence.FrameBase64, cancellationToken);
        }

        _next = next;
    }

    private ValueTask PassOnAsync(ReadOnlyMemory<byte> base64, CancellationToken cancellationToken)
    {
        if (_model is { } model)
        {
            return SendAsync(model, base64, cancellationToken);
        }

        while (_kept.Count >= _maxKept)
        {
            _kept.Dequeue();
            Dropped++;
        }

        _kept.Enqueue(base64.ToArray());
        return ValueTask.CompletedTask;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(RealtimeSession model, ReadOnlyMemory<byte> base64, CancellationToken cancellationToken)
    {
        try
        {
            await model.AppendAudioAsync(base64, cancellationToken);
        }
        catch (Exception exception) when (RealtimeSession.IsGone(exception, cancellationToken))
        {
            // The model is lost, which whoever reads from it must notice, too; the caller's side goes on.
            model.Abort();
            _model = null;
        }
    }
}
