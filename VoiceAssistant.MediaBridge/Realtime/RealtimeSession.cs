using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>A conversation with the model: reads its events and is the only one that writes to its socket.</summary>
internal sealed class RealtimeSession(WebSocket socket, TimeProvider time, Action? disposed = null) : IAsyncDisposable
{
    /// <summary>OpenAI's own limit, where a session does not say when it expires.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(60);

    // Events that repeat the session's instructions or a whole item are long; audio deltas have some 5 KB.
    private const int MaxMessageSize = 16 * 1024 * 1024;

    /// <summary>The event's id, by which an error that refuses it is known.</summary>
    public const string ResponseEventId = "response";

    // 31 December 9999.
    internal const long MaxUnixSeconds = 253_402_300_799;

    private readonly MessageReader _reader = new(socket, MaxMessageSize);
    private readonly MessageWriter _writer = new(socket, time);
    private readonly TaskCompletionSource _configured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _opened = time.GetTimestamp();
    private (SessionSettings Settings, byte[] Update)? _told;
    private Task<bool>? _ahead;
    private int _disposed;

    /// <summary>What its tokens cost.</summary>
    public ModelPrices Prices { get; init; } = ModelPrices.Of("");

    /// <summary>Since it was opened.</summary>
    public TimeSpan Age => time.GetElapsedTime(_opened);

    /// <summary>The age at which the model ends it.</summary>
    public TimeSpan Lifetime { get; private set; } = DefaultLifetime;

    /// <summary>Who answers, as the other side names it; null where it does not say.</summary>
    public string? Model { get; private set; }

    /// <summary>Completes when the model has taken the session's settings.</summary>
    public Task Configured => _configured.Task;

    /// <summary>How the model closed it; null if it did not.</summary>
    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    /// <summary>The event just read; the next read overwrites it.</summary>
    public ReadOnlyMemory<byte> Message => _reader.Message;

    /// <summary>How long the model has not been taking the message that we are sending.</summary>
    public TimeSpan Stalled => _writer.Stalled;

    /// <summary>Whether sending failed because the connection is over, and not because the sender was cancelled.</summary>
    public static bool IsGone(Exception exception, CancellationToken cancellationToken) =>
        exception is WebSocketException or ObjectDisposedException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <inheritdoc cref="MessageReader.ReadAsync"/>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken) =>
        _ahead is null ? _reader.ReadAsync(cancellationToken) : TakeAheadAsync(cancellationToken);

    /// <summary>Begins to read before anybody needs it, so that the end of an idle session is noticed; <see cref="ReadAsync"/> takes it over.</summary>
    public Task<bool> ReadAheadAsync() => _ahead = _reader.ReadAsync(CancellationToken.None).AsTask();

    /// <summary>Learns from <c>session.created</c> who answers, and when the session ends.</summary>
    public void Created(RealtimeSessionInfo? session)
    {
        Model = session?.Model;
        // Two clocks are compared: what cannot be, is not believed.
        if (session?.ExpiresAt is > 0 and < MaxUnixSeconds and var expiresAt && DateTimeOffset.FromUnixTimeSeconds(expiresAt) - time.GetUtcNow() is var left
            && left > TimeSpan.Zero && left <= DefaultLifetime)
        {
            Lifetime = Age + left;
        }
    }

    /// <summary>Learns from <c>session.updated</c> that the model has taken the settings.</summary>
    public void Updated() => _configured.TrySetResult();

    /// <summary>Whether this error refuses the settings. Not every model says which of our events it refuses: of a field of the session's, none but the first can be meant.</summary>
    public bool IsRefusal(RealtimeError? error) => error?.EventId is SessionUpdate.EventId
        || (error is { EventId: null, Param: { } param } && param.StartsWith("session", StringComparison.Ordinal) && !Configured.IsCompleted);

    /// <summary>Learns from the error just read that the model refuses the settings.</summary>
    /// <returns>How the session is lost.</returns>
    /// <exception cref="JsonException">A field of the error has another type than documented.</exception>
    public RealtimeException Refused() => _told!.Value.Settings.Refused(_told.Value.Update, Message.Span);

    /// <summary>Tells the model how to listen and how to speak.</summary>
    /// <param name="settings">As they are now.</param>
    /// <param name="cancellationToken">Cancelling aborts the socket.</param>
    public Task ConfigureAsync(SessionSettings settings, CancellationToken cancellationToken)
    {
        var update = settings.Update;
        _told = (settings, update);
        return SendAsync(update, cancellationToken);
    }

    /// <summary>Lets the model hear the caller.</summary>
    /// <param name="base64">Base64 of µ-law, as it is to stand in the message.</param>
    /// <param name="cancellationToken">Cancelling aborts the socket.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask AppendAudioAsync(ReadOnlyMemory<byte> base64, CancellationToken cancellationToken)
    {
        await _writer.EnterAsync(cancellationToken);
        try
        {
            RealtimeCommands.WriteAppend(_writer.Buffer, base64.Span);
            await _writer.FlushAsync(cancellationToken);
        }
        finally
        {
            _writer.Exit();
        }
    }

    /// <inheritdoc cref="RealtimeCommands.WriteTruncate"/>
    public async Task TruncateAsync(ReadOnlyMemory<byte> itemId, long milliseconds, CancellationToken cancellationToken)
    {
        await _writer.EnterAsync(cancellationToken);
        try
        {
            RealtimeCommands.WriteTruncate(_writer.Buffer, itemId.Span, milliseconds);
            await _writer.FlushAsync(cancellationToken);
        }
        finally
        {
            _writer.Exit();
        }
    }

    /// <summary>Asks the model to say something now.</summary>
    /// <param name="instructions">What to say; null lets it answer the conversation.</param>
    /// <param name="insistsOnAudio">It has written where it was to speak.</param>
    /// <param name="cancellationToken">Cancelling aborts the socket.</param>
    public Task CreateResponseAsync(string? instructions, bool insistsOnAudio, CancellationToken cancellationToken)
    {
        var response = new JsonObject();
        if (instructions is not null)
        {
            response["instructions"] = instructions;
        }

        if (insistsOnAudio)
        {
            response["output_modalities"] = new JsonArray("audio");
        }

        var create = new JsonObject { ["type"] = "response.create", ["event_id"] = ResponseEventId };
        if (response.Count > 0)
        {
            create["response"] = response;
        }

        return SendAsync(create, cancellationToken);
    }

    /// <summary>Ends what the model is saying.</summary>
    public Task CancelResponseAsync(CancellationToken cancellationToken) =>
        SendAsync(new JsonObject { ["type"] = "response.cancel", ["event_id"] = "cancel" }, cancellationToken);

    /// <summary>Tells the model something that was said outside of this session, or by nobody.</summary>
    /// <param name="role">user, assistant or system.</param>
    /// <param name="text">The words.</param>
    /// <param name="cancellationToken">Cancelling aborts the socket.</param>
    public Task AddMessageAsync(string role, string text, CancellationToken cancellationToken) => SendAsync(
        new JsonObject
        {
            ["type"] = "conversation.item.create",
            ["event_id"] = "item",
            ["item"] = new JsonObject
            {
                ["type"] = "message",
                ["role"] = role,
                ["content"] = new JsonArray(new JsonObject { ["type"] = role is "assistant" ? "output_text" : "input_text", ["text"] = text }),
            },
        },
        cancellationToken);

    /// <summary>Answers a call of a tool, without which the model does not go on.</summary>
    /// <param name="callId">Which.</param>
    /// <param name="output">What it returns.</param>
    /// <param name="cancellationToken">Cancelling aborts the socket.</param>
    public Task AddCallOutputAsync(string callId, string output, CancellationToken cancellationToken) => SendAsync(
        new JsonObject
        {
            ["type"] = "conversation.item.create",
            ["event_id"] = "item",
            ["item"] = new JsonObject { ["type"] = "function_call_output", ["call_id"] = callId, ["output"] = output },
        },
        cancellationToken);

    public Task CloseOutputAsync(TimeSpan grace) => socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, grace, time);

    public void Abort() => socket.Abort();

    /// <remarks>Whoever still sends fails at once; the reader must have ended, unless it only reads ahead.</remarks>
    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        if (_ahead is Task ahead)
        {
            await ahead.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _writer.DisposeAsync();
        _reader.Dispose();
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            disposed?.Invoke();
        }
    }

    private async ValueTask<bool> TakeAheadAsync(CancellationToken cancellationToken)
    {
        using var abort = cancellationToken.UnsafeRegister(static socket => ((WebSocket)socket!).Abort(), socket);
        var ahead = _ahead!;
        _ahead = null;
        return await ahead;
    }

    private Task SendAsync(JsonObject message, CancellationToken cancellationToken) =>
        SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), cancellationToken);

    private async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await _writer.EnterAsync(cancellationToken);
        try
        {
            _writer.Buffer.Write(message.Span);
            await _writer.FlushAsync(cancellationToken);
        }
        finally
        {
            _writer.Exit();
        }
    }
}
