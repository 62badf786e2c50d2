using System.Diagnostics;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using VoiceAssistant.Calls.Budgets;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>An admitted media stream: reads what Twilio sends and is the only one that writes to its socket.</summary>
internal sealed class TwilioStream(WebSocket socket, MessageReader reader, StreamStart start, TimeProvider time) : IAsyncDisposable
{
    private readonly MessageWriter _writer = new(socket, time);
    private readonly byte[] _streamSid = start.StreamSid;
    private long _receivedAt = time.GetTimestamp();

    public string CallSid { get; } = start.CallSid;

    /// <summary>The trace that began with the call's webhook; default without one.</summary>
    public ActivityContext Trace { get; } = start.Trace;

    public CallCost Cost { get; } = new();

    /// <summary>The message just read; the next read overwrites it.</summary>
    public ReadOnlyMemory<byte> Message => reader.Message;

    /// <summary>Since when Twilio has sent nothing. Frames come every 20 ms, also of a silent caller.</summary>
    public TimeSpan Silent => time.GetElapsedTime(Volatile.Read(ref _receivedAt));

    /// <summary>How long Twilio has not been taking the message that we are sending.</summary>
    public TimeSpan Stalled => _writer.Stalled;

    /// <summary>How the other side closed it; null where it did not.</summary>
    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    /// <summary>Whether Twilio still takes what we send.</summary>
    public bool CanSend => socket.State is WebSocketState.Open or WebSocketState.CloseReceived;

    public bool IsForThisStream(in TwilioMessage message) =>
        message.StreamSid.IsEmpty || message.StreamSid.Span.SequenceEqual(_streamSid);

    /// <inheritdoc cref="MessageReader.ReadAsync"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var open = await reader.ReadAsync(cancellationToken);
        Volatile.Write(ref _receivedAt, time.GetTimestamp());
        return open;
    }

    /// <summary>Lets the caller hear the audio, and asks to be told when they have.</summary>
    /// <param name="base64">Base64 of µ-law, as it is to stand in the message.</param>
    /// <param name="mark">Names the end of this audio.</param>
    /// <param name="cancellationToken">Cancelling aborts the socket.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask PlayAsync(ReadOnlyMemory<byte> base64, Mark mark, CancellationToken cancellationToken)
    {
        await _writer.EnterAsync(cancellationToken);
        try
        {
            TwilioCommands.WriteMedia(_writer.Buffer, _streamSid, base64.Span);
            await _writer.FlushAsync(cancellationToken);
            TwilioCommands.WriteMark(_writer.Buffer, _streamSid, mark);
            await _writer.FlushAsync(cancellationToken);
        }
        finally
        {
            _writer.Exit();
        }
    }

    /// <summary>Silences what has been sent and not yet played.</summary>
    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        await _writer.EnterAsync(cancellationToken);
        try
        {
            TwilioCommands.WriteClear(_writer.Buffer, _streamSid);
            await _writer.FlushAsync(cancellationToken);
        }
        finally
        {
            _writer.Exit();
        }
    }

    public Task CloseOutputAsync(WebSocketCloseStatus status, string? reason, TimeSpan grace) =>
        socket.CloseOutputAsync(status, reason, grace, time);

    public void Abort() => socket.Abort();

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
