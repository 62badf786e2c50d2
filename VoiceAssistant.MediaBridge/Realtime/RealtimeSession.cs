using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>A conversation with the model: reads its events and is the only one that writes to its socket.</summary>
internal sealed class RealtimeSession(WebSocket socket, TimeProvider time) : IAsyncDisposable
{
    // Events that repeat the session's instructions or a whole item are long; audio deltas have some 5 KB.
    private const int MaxMessageSize = 16 * 1024 * 1024;

    private readonly MessageReader _reader = new(socket, MaxMessageSize);
    private readonly MessageWriter _writer = new(socket, time);

    /// <summary>The event just read; the next read overwrites it.</summary>
    public ReadOnlyMemory<byte> Message => _reader.Message;

    /// <summary>How long the model has not been taking the message that we are sending.</summary>
    public TimeSpan Stalled => _writer.Stalled;

    /// <summary>Whether sending failed because the connection is over, and not because the sender was cancelled.</summary>
    public static bool IsGone(Exception exception, CancellationToken cancellationToken) =>
        exception is WebSocketException or ObjectDisposedException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <inheritdoc cref="MessageReader.ReadAsync"/>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken) => _reader.ReadAsync(cancellationToken);

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
    /// <param name="cancellationToken">Cancelling aborts the socket.</param>
    public Task CreateResponseAsync(string? instructions, CancellationToken cancellationToken)
    {
        var create = new JsonObject { ["type"] = "response.create", ["event_id"] = "response" };
        if (instructions is not null)
        {
            create["response"] = new JsonObject { ["instructions"] = instructions };
        }

        return SendAsync(create, cancellationToken);
    }

    /// <summary>Tells the model something that the caller did not say.</summary>
    public Task AddSystemMessageAsync(string text, CancellationToken cancellationToken) => SendAsync(
        new JsonObject
        {
            ["type"] = "conversation.item.create",
            ["event_id"] = "item",
            ["item"] = new JsonObject
            {
                ["type"] = "message",
                ["role"] = "system",
                ["content"] = new JsonArray(new JsonObject { ["type"] = "input_text", ["text"] = text }),
            },
        },
        cancellationToken);

    public Task CloseOutputAsync(TimeSpan grace) => socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, grace, time);

    public void Abort() => socket.Abort();

    /// <remarks>Whoever still sends fails at once; the reader must have ended.</remarks>
    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        await _writer.DisposeAsync();
        _reader.Dispose();
    }

    private async Task SendAsync(JsonObject message, CancellationToken cancellationToken)
    {
        await _writer.EnterAsync(cancellationToken);
        try
        {
            _writer.Buffer.Write(JsonSerializer.SerializeToUtf8Bytes(message));
            await _writer.FlushAsync(cancellationToken);
        }
        finally
        {
            _writer.Exit();
        }
    }
}
