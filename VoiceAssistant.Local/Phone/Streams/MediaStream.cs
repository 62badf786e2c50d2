using System.Net.WebSockets;
using System.Text;

namespace VoiceAssistant.Local.Phone.Streams;

/// <summary>Twilio's side of one media stream, from its start message to its end.</summary>
internal sealed class MediaStream : IDisposable
{
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(3);
    private static readonly ProtocolWarning BinaryMessage = new(31950, "The server sent a binary message; Twilio takes text.");

    private readonly WebSocket _socket;
    private readonly ICaller _caller;
    private readonly CallTimes _times;
    private readonly TimeProvider _time;
    private readonly StreamTap? _tap;
    private readonly byte[] _streamSid;
    private readonly StreamSender _sender;
    private readonly PlayOut _playOut;
    private readonly TurnMeter _turns;
    private int _unheard;

    public MediaStream(WebSocket socket, StreamIdentity identity, ICaller caller, CallTimes times, TimeProvider time, StreamTap? tap)
    {
        (_socket, _caller, _times, _time, _tap) = (socket, caller, times, time, tap);
        _streamSid = Encoding.UTF8.GetBytes(identity.StreamSid);
        _sender = new(socket, identity, times, tap);
        _playOut = new(_sender.Mark);
        _turns = new(times);
    }

    public void Press(char digit) => _sender.Dtmf(digit);

    /// <summary>Starts the stream and returns when it has ended, which cancellation makes it do as a caller does who hangs up.</summary>
    public async Task<StreamEnd> RunAsync(CancellationToken hangUp)
    {
        // The clock runs before start is sent, so the frames that follow are counted from there.
        using var timer = new PeriodicTimer(Frame.Duration, _time);
        var clock = new FrameClock(_time, _times);
        _sender.Start();
        _times.StreamStarted();
        _caller.Notice(new(PhoneEventKind.Connected));

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(hangUp);
        var sending = _sender.RunAsync();
        var receiving = ReceiveAsync(clock);
        var ticking = TickAsync(timer, clock, stop.Token);

        await Task.WhenAny(ticking, receiving, sending);
        var hungUp = !receiving.IsCompleted && !sending.IsCompleted;
        await stop.CancelAsync();
        await ticking;

        return await CloseAsync(sending, receiving, hungUp);
    }

    public void Dispose() => _playOut.Dispose();

    private static StreamEnd Dropped(string why) => new(StreamEndKind.Dropped, $"The stream broke off: {why} (Twilio error 31903).", 31903);

    private async Task TickAsync(PeriodicTimer timer, FrameClock clock, CancellationToken stop)
    {
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                while (clock.TryTake(out var position))
                {
                    Exchange(position, clock.Elapsed);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The stream ends.
        }
    }

    private void Exchange(long position, TimeSpan elapsed)
    {
        Span<byte> said = stackalloc byte[Frame.Length];
        _caller.Speak(said);
        _sender.Media(position * Frame.Milliseconds, said);

        if (Interlocked.Exchange(ref _unheard, 0) is > 0 and var unheard)
        {
            _turns.Clear(TimeSpan.FromMilliseconds((double)unheard / MuLaw.BytesPerMs), elapsed);
        }

        Span<byte> heard = stackalloc byte[Frame.Length];
        var isPlaying = _playOut.Play(heard);
        if (isPlaying)
        {
            _times.FrameHeard();
        }

        _turns.Add(said, heard, isPlaying, elapsed);
        _caller.Hear(heard);
    }

    private async Task<StreamEnd> ReceiveAsync(FrameClock clock)
    {
        using var reader = new MessageReader(_socket);
        try
        {
            while (await reader.ReadAsync(default) is var type && type != WebSocketMessageType.Close)
            {
                if (type == WebSocketMessageType.Binary)
                {
                    _times.Warn(BinaryMessage);
                }
                else if (!Accept(reader.Message, clock))
                {
                    _times.Warn(BridgeMessage.Overflow);
                    return new(StreamEndKind.Dropped, BridgeMessage.Overflow.Text, BridgeMessage.Overflow.Code);
                }
            }

            return Closed();
        }
        catch (Exception ex) when (ex is WebSocketException or InvalidDataException)
        {
            return Dropped(ex.Message);
        }
        catch (OperationCanceledException)
        {
            // Also thrown for our own Abort(), when no token was cancelled.
            return Dropped("it could no longer be written to");
        }
    }

    /// <returns>False where the server sent more than a phone call can hold.</returns>
    private bool Accept(ReadOnlySpan<byte> utf8, FrameClock clock)
    {
        _tap?.Invoke(StreamDirection.FromServer, utf8);
        var message = BridgeMessage.Read(utf8, _streamSid);
        if (message.Warning is { } warning)
        {
            _times.Warn(warning);
        }

        switch (message.Event)
        {
            case BridgeEvent.Media:
                _times.MediaReceived(clock.Elapsed);
                var result = _playOut.Append(message.Payload);
                if (result == AppendResult.Malformed)
                {
                    _times.Warn(BridgeMessage.MalformedPayload);
                }

                return result != AppendResult.Full;

            case BridgeEvent.Mark:
                return _playOut.Mark(message.Name.ToArray()) != AppendResult.Full;

            case BridgeEvent.Clear:
                Interlocked.Add(ref _unheard, _playOut.Clear());
                return true;

            default:
                return true;
        }
    }

    private StreamEnd Closed()
    {
        var status = _socket.CloseStatus;
        return status is WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.EndpointUnavailable or WebSocketCloseStatus.Empty
            ? new(StreamEndKind.Closed, "The server closed the stream.", 31921)
            : new(StreamEndKind.Dropped, $"The server closed the stream with {(int?)status} ({_socket.CloseStatusDescription}).", 31921);
    }

    private async Task<StreamEnd> CloseAsync(Task sending, Task<StreamEnd> receiving, bool hungUp)
    {
        if (hungUp)
        {
            _sender.Stop();
        }

        _sender.Complete();
        try
        {
            await sending.WaitAsync(CloseGrace, _time);
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default).WaitAsync(CloseGrace, _time);
            await receiving.WaitAsync(CloseGrace, _time);
        }
        catch (Exception ex) when (ex is WebSocketException or TimeoutException or OperationCanceledException or ObjectDisposedException)
        {
            // It is over either way.
        }

        _socket.Abort();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var end = await receiving;
        return hungUp ? StreamEnd.HungUp : end;
    }
}
