using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;

namespace VoiceAssistant.Local.Phone;

/// <summary>The caller is a page: its microphone and its speaker at the other end of a WebSocket. One connection is one call.</summary>
internal sealed class BrowserCaller : ICaller
{
    // To a page that reads too slowly, audio of more than a second is not worth sending.
    private const int MostWaiting = 50;

    // Four times a second, in frames.
    private const int TimesInterval = 12;

    // A command is some 30 bytes, a frame 160.
    private const int LongestMessage = 1024;

    private readonly WebSocket _socket;
    private readonly PhoneCall _call;
    private readonly SpokenFrames _spoken = new();
    private readonly Channel<(WebSocketMessageType Type, byte[] Bytes)> _toPage =
        Channel.CreateUnbounded<(WebSocketMessageType, byte[])>();

    private Task? _calling;
    private long _heard;
    private int _measured;

    public BrowserCaller(WebSocket socket, PhoneLine line, HttpClient http, TimeProvider time)
    {
        _socket = socket;
        _call = new(line, this, http, time);
    }

    /// <summary>Returns when the page has gone and its call has ended.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(cancellationToken);

        await ReceiveAsync(gone.Token);
        await gone.CancelAsync();
        try
        {
            await (_calling ?? Task.CompletedTask);
        }
        finally
        {
            _toPage.Writer.TryComplete();
            await sending;
        }
    }

    public void Speak(Span<byte> frame) => _spoken.Take(frame);

    public void Hear(ReadOnlySpan<byte> frame)
    {
        if (_toPage.Reader.Count >= MostWaiting)
        {
            return;
        }

        _toPage.Writer.TryWrite((WebSocketMessageType.Binary, frame.ToArray()));

        var times = _call.Times;
        var measured = times.Answers.Length + times.CutOffs.Length + times.Turns;
        if (++_heard % TimesInterval == 0 || measured > _measured)
        {
            _measured = measured;
            Tell(PageTimes.From(times));
        }
    }

    public void Notice(PhoneEvent phoneEvent)
    {
        switch (phoneEvent.Kind)
        {
            case PhoneEventKind.Connected:
                _spoken.Clear(); // Said before anyone was there.
                break;
            case PhoneEventKind.Ended:
                Tell(PageTimes.From(_call.Times));
                break;
        }

        Tell(new PageEvent(phoneEvent.Kind, phoneEvent.Text));
    }

    private void Tell(PageMessage message) =>
        _toPage.Writer.TryWrite((WebSocketMessageType.Text, JsonSerializer.SerializeToUtf8Bytes(message, PageJson.Default.PageMessage)));

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var (type, bytes) in _toPage.Reader.ReadAllAsync(cancellationToken))
            {
                await _socket.SendAsync(bytes, type, endOfMessage: true, cancellationToken);
            }

            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, cancellationToken);
        }
        catch (Exception ex) when (ex is WebSocketException or OperationCanceledException)
        {
            // The page has gone; receiving has noticed too.
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestMessage];
        var length = 0;
        try
        {
            while (length < buffer.Length)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                length += received.Count;
                if (received.EndOfMessage)
                {
                    Receive(received.MessageType, buffer.AsSpan(0, length), cancellationToken);
                    length = 0;
                }
            }
        }
        catch (Exception ex) when (ex is WebSocketException or OperationCanceledException)
        {
            // A closed tab, a lost connection, or the end of the process: in each case the caller has hung up.
        }
    }

    // What is no frame and no command is passed over: a page of another version must not end the call.
    private void Receive(WebSocketMessageType type, ReadOnlySpan<byte> message, CancellationToken cancellationToken)
    {
        if (type == WebSocketMessageType.Binary)
        {
            if (message.Length == Frame.Length)
            {
                _spoken.Add(message);
            }

            return;
        }

        try
        {
            Obey(JsonSerializer.Deserialize(message, PageJson.Default.PageCommand), cancellationToken);
        }
        catch (JsonException)
        {
        }
    }

    private void Obey(PageCommand? command, CancellationToken cancellationToken)
    {
        switch (command)
        {
            case { Type: "call" } when _calling is null:
                _calling = CallAsync(cancellationToken);
                break;
            case { Type: "hangup" } when _calling is not null:
                _call.HangUp();
                break;
            case { Type: "dtmf", Digit: [(>= '0' and <= '9') or '*' or '#'] digit }:
                _call.Press(digit[0]);
                break;
        }
    }

    private async Task CallAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _call.RunAsync(cancellationToken);
        }
        finally
        {
            _toPage.Writer.Complete();
        }
    }
}
