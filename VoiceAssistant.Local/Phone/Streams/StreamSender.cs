using System.Buffers;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace VoiceAssistant.Local.Phone.Streams;

/// <summary>The one writer of a stream's socket: takes messages from any thread without waiting, numbers them, and sends them in order.</summary>
internal sealed class StreamSender(WebSocket socket, StreamIdentity stream, CallTimes times, StreamTap? tap = null)
{
    // What waits for a server that does not read: five seconds of audio, in any case a megabyte. Then Twilio drops audio too.
    private const int MaxFrames = 5 * Frame.PerSecond;
    private const int MaxBytes = 1024 * 1024;

    private static readonly ProtocolWarning Overflow = new(31930, "The server reads too slowly: some of what it should get was dropped.");

    private readonly Lock _gate = new();
    private readonly Channel<bool> _wakeUp = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private Batch _pending = new();
    private Batch _sending = new();
    private bool _isOpen;
    private long _sequence;
    private long _chunk;

    public void Start()
    {
        lock (_gate)
        {
            StreamMessages.WriteConnected(_pending.Bytes);
            _pending.EndMessage();
            StreamMessages.WriteStart(_pending.Bytes, ++_sequence, stream);
            EndMessage();
            _isOpen = true;
        }
    }

    /// <remarks>The timestamp is when the frame began, in milliseconds since the stream began.</remarks>
    public void Media(long timestamp, ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (CanSend(isFull: _pending.Ends.Count >= MaxFrames))
            {
                StreamMessages.WriteMedia(_pending.Bytes, ++_sequence, ++_chunk, timestamp, frame, stream);
                EndMessage();
                times.FrameSent();
            }
        }
    }

    public void Mark(byte[] name)
    {
        lock (_gate)
        {
            if (CanSend(isFull: _pending.Bytes.WrittenCount >= MaxBytes))
            {
                StreamMessages.WriteMark(_pending.Bytes, ++_sequence, name, stream);
                EndMessage();
                times.MarkReturned();
            }
        }
    }

    public void Dtmf(char digit)
    {
        lock (_gate)
        {
            if (CanSend(isFull: _pending.Bytes.WrittenCount >= MaxBytes))
            {
                StreamMessages.WriteDtmf(_pending.Bytes, ++_sequence, digit, stream);
                EndMessage();
            }
        }
    }

    public void Stop()
    {
        lock (_gate)
        {
            StreamMessages.WriteStop(_pending.Bytes, ++_sequence, stream);
            EndMessage();
            _isOpen = false;
        }
    }

    /// <summary>Lets <see cref="RunAsync"/> end when everything is sent.</summary>
    public void Complete() => _wakeUp.Writer.TryComplete();

    public async Task RunAsync()
    {
        while (await _wakeUp.Reader.WaitToReadAsync())
        {
            _wakeUp.Reader.TryRead(out _);
            lock (_gate)
            {
                (_pending, _sending) = (_sending, _pending);
            }

            var start = 0;
            foreach (var end in _sending.Ends)
            {
                var message = _sending.Bytes.WrittenMemory[start..end];
                tap?.Invoke(StreamDirection.ToServer, message.Span);
                await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, default);
                start = end;
            }

            _sending.Clear();
        }
    }

    // Start is the first message with a number and stop the last, whoever presses a key or gets a mark meanwhile.
    private bool CanSend(bool isFull)
    {
        if (_isOpen && isFull)
        {
            times.Warn(Overflow);
        }

        return _isOpen && !isFull;
    }

    private void EndMessage()
    {
        _pending.EndMessage();
        _wakeUp.Writer.TryWrite(true);
    }

    private sealed class Batch
    {
        public ArrayBufferWriter<byte> Bytes { get; } = new(1024);

        public List<int> Ends { get; } = [];

        public void EndMessage() => Ends.Add(Bytes.WrittenCount);

        public void Clear()
        {
            Bytes.ResetWrittenCount();
            Ends.Clear();
        }
    }
}
