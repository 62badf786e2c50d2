using System.Globalization;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>
/// Keeps some connections to the model ready, so that a call begins without waiting for TCP, TLS and WebSocket. The model is told
/// its settings over them and nothing else, so they cost no tokens, and what it refuses is known before a caller could notice.
/// </summary>
internal sealed partial class WarmSessions(
    RealtimeConnector connector, ModelHealth health, IOptions<RealtimeOptions> options, TimeProvider time, ILogger<WarmSessions> logger) : BackgroundService
{
    // Proxies and balancers on the way forget connections that are idle for longer.
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    // How soon one that has ended is replaced, or one that could not be had is tried again: not without end where each fails at once.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan CloseGrace = TimeSpan.FromMilliseconds(450);

    private readonly int _wanted = int.Parse(options.Value.WarmSessions, CultureInfo.InvariantCulture);
    private readonly List<WarmSession> _ready = [];
    private readonly SemaphoreSlim _missing = new(0);

    /// <summary>How many are ready.</summary>
    public int Count
    {
        get
        {
            lock (_ready)
            {
                return _ready.Count;
            }
        }
    }

    /// <returns>A connection that is ready, for the caller to keep; null if there is none.</returns>
    public RealtimeSession? TryTake()
    {
        lock (_ready)
        {
            while (_ready.Count > 0)
            {
                var oldest = _ready[0];
                _ready.RemoveAt(0);
                if (oldest.Take() is { } session)
                {
                    _missing.Release();
                    return session;
                }
            }
        }

        return null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_wanted == 0)
        {
            return;
        }

        try
        {
            while (true)
            {
                await DropAsync(warm => health.IsOpen || warm.Left(MaxAge) <= TimeSpan.Zero);
                await FillAsync(stoppingToken);
                await WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }

        await DropAsync(_ => true);
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (Count < _wanted)
            {
                Keep(new WarmSession(await connector.OpenAsync(insist: false, cancellationToken)));
            }
        }
        catch (RealtimeException exception)
        {
            LogFailed(exception.Message);
        }
    }

    private void Keep(WarmSession warm)
    {
        lock (_ready)
        {
            _ready.Add(warm);
        }

        _ = RemoveAsync();

        async Task RemoveAsync()
        {
            await warm.WatchAsync();
            lock (_ready)
            {
                _ready.Remove(warm);
            }

            if (warm.Refusal is { IsRemedied: true })
            {
                _missing.Release();
            }
            else if (warm.Refusal is { } refusal)
            {
                LogFailed(refusal.Message);
            }
        }
    }

    private async Task DropAsync(Func<WarmSession, bool> mustGo)
    {
        WarmSession[] old;
        lock (_ready)
        {
            old = [.. _ready.Where(mustGo)];
            _ready.RemoveAll(old.Contains);
        }

        foreach (var warm in old)
        {
            if (warm.Take() is { } session)
            {
                await session.CloseOutputAsync(CloseGrace);
                await session.DisposeAsync();
            }
        }
    }

    // Until one is taken or must be told less, and not for long.
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_missing.WaitAsync(waiting.Token), Task.Delay(Interval, time, waiting.Token));
        await waiting.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    public override void Dispose()
    {
        _missing.Dispose();
        base.Dispose();
    }

    [LoggerMessage(1, LogLevel.Information, "No connection to the model can be kept ready: {Reason}.", EventName = "WarmFailed")]
    private partial void LogFailed(string reason);
}
