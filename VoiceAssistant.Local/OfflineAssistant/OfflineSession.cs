using System.Net.WebSockets;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>One session of the offline assistant: one socket, one conversation.</summary>
/// <remarks>The client's events and the assistant's own pace meet under one lock; nothing is awaited while it is held.</remarks>
internal sealed partial class OfflineSession : IDisposable
{
    private const int MaxMessageBytes = 16 * 1024 * 1024;

    // OpenAI's own limit.
    private static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(60);

    // A peer that answers the close frame does so in one round trip.
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly WebSocket _socket;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Outbox _outbox;
    private readonly ServerEvents _events;
    private readonly ConversationEvents _items;
    private readonly SessionSettings _settings;
    private readonly Conversation _conversation = new();
    private readonly Responses _responses;
    private readonly CallerTurns _turns;
    private readonly PressedKeys _keys;
    private volatile bool _isEnding;

    public OfflineSession(WebSocket socket, string model, TimeProvider time, ILogger<OfflineSession> logger)
    {
        _socket = socket;
        _time = time;
        _logger = logger;
        _outbox = new(socket);
        _events = new(_outbox);
        _items = new(_events);
        _settings = new(model, time.GetUtcNow() + MaxDuration);
        _responses = new(_settings, _conversation, _events, time, _gate);
        _turns = new(_settings, _conversation, _responses, _events);
        _keys = new(_settings, _conversation, _responses, _turns, time, _gate);
    }

    /// <summary>Until the client leaves or the session's time is up.</summary>
    /// <remarks>A refusal says why there is to be no session: it is told, and the socket closed.</remarks>
    public async Task RunAsync(InvalidRequestException? refusal, CancellationToken stopping, CancellationToken cancellationToken)
    {
        await using var stop = stopping.Register(() => End(WebSocketCloseStatus.EndpointUnavailable));
        await using var expiry = _time.CreateTimer(_ => Expire(), null, MaxDuration, Timeout.InfiniteTimeSpan);
        LogBegan(_settings.Id);

        Begin(refusal);
        var sending = _outbox.SendAsync(cancellationToken);
        var receiving = ReceiveAsync(cancellationToken);

        await Task.WhenAny(sending, receiving);
        End(WebSocketCloseStatus.NormalClosure);
        try
        {
            await Task.WhenAll(sending, receiving).WaitAsync(CloseGrace, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            _socket.Abort();
            await Task.WhenAll(sending, receiving);
        }

        LogEnded(_settings.Id, _conversation.Items.Count);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _keys.Dispose();
            _responses.Dispose();
            _turns.Dispose();
            _events.Dispose();
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        using var message = new PooledBuffer(4096);
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(message.GetMemory(), cancellationToken);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                message.Advance(received.Count);
                if (message.Written.Length > MaxMessageBytes)
                {
                    End(WebSocketCloseStatus.MessageTooBig, $"A message exceeds {MaxMessageBytes} bytes.");
                }

                if (received.EndOfMessage)
                {
                    Handle(received.MessageType, message.Written);
                }

                if (received.EndOfMessage || _isEnding)
                {
                    message.Clear();
                }
            }
        }
        catch (Exception ex) when (ex is WebSocketException or OperationCanceledException or IOException)
        {
            // The peer is gone, or we have given it up; OperationCanceledException is also what Abort() causes.
        }
    }

    private void Begin(InvalidRequestException? refusal)
    {
        lock (_gate)
        {
            if (refusal is null)
            {
                _events.Session("session.created"u8, _settings);
                return;
            }

            // OpenAI's close code for a handshake it does not like.
            _events.Error(refusal, eventId: null);
            End((WebSocketCloseStatus)4000, $"invalid_request_error.{refusal.Code}");
        }
    }

    private void Expire()
    {
        lock (_gate)
        {
            _events.Error("invalid_request_error"u8, "session_expired", "Your session hit the maximum duration of 60 minutes.");
            End(WebSocketCloseStatus.EndpointUnavailable);
        }
    }

    private void End(WebSocketCloseStatus status, string? reason = null)
    {
        lock (_gate)
        {
            _isEnding = true;
            _outbox.Complete(status, reason);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Offline session {SessionId} began.", EventName = "Began")]
    private partial void LogBegan(string sessionId);

    [LoggerMessage(2, LogLevel.Debug, "Offline session {SessionId} ended with {Items} items.", EventName = "Ended")]
    private partial void LogEnded(string sessionId, int items);
}
