using System.Net.WebSockets;
using System.Text.Json;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>A connection that nobody talks over yet: the model knows its settings, and no more. It is read from, so that its end is noticed.</summary>
internal sealed class WarmSession(RealtimeSession session)
{
    private readonly Lock _lock = new();
    private bool _isGone;

    /// <summary>How the model has refused the settings; null if it has not.</summary>
    public RealtimeException? Refusal { get; private set; }

    /// <summary>How long it can be kept until a call that took it would soon need another.</summary>
    public TimeSpan Left(TimeSpan longest) => (longest < session.Lifetime / 2 ? longest : session.Lifetime / 2) - session.Age;

    /// <returns>The session, which belongs to whoever calls this; null if it is taken or has ended.</returns>
    public RealtimeSession? Take()
    {
        lock (_lock)
        {
            if (_isGone)
            {
                return null;
            }

            _isGone = true;
            return session;
        }
    }

    /// <returns>Completes with true when it was taken, and with false when the model has ended it.</returns>
    public async Task<bool> WatchAsync()
    {
        var reading = session.ReadAheadAsync();
        while (true)
        {
            var isOpen = await IsOpenAfterAsync(reading);
            lock (_lock)
            {
                if (_isGone)
                {
                    // What was read last is for whoever took it.
                    return true;
                }

                if (!isOpen || !TryHandle())
                {
                    _isGone = true;
                    break;
                }

                reading = session.ReadAheadAsync();
            }
        }

        await session.DisposeAsync();
        return false;
    }

    private bool TryHandle()
    {
        try
        {
            switch (RealtimeEvent.Read(session.Message).Type)
            {
                case RealtimeEventType.SessionCreated:
                    session.Created(RealtimeSessionInfo.Read(session.Message.Span));
                    return true;
                case RealtimeEventType.SessionUpdated:
                    session.Updated();
                    return true;
                case RealtimeEventType.Error:
                    Refusal = session.IsRefusal(RealtimeError.Read(session.Message.Span)) ? session.Refused() : null;
                    return false;
                default:
                    return true;
            }
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task<bool> IsOpenAfterAsync(Task<bool> reading)
    {
        try
        {
            return await reading;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or PeerViolationException)
        {
            return false;
        }
    }
}
