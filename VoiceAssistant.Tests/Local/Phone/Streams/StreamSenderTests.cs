using System.Net.WebSockets;
using System.Text.Json;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Local.Phone.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone.Streams;

public sealed class StreamSenderTests : IDisposable
{
    private readonly BlockedSocket _socket = new();
    private readonly CallTimes _times = new(TimeProvider.System);
    private readonly StreamSender _sender;

    public StreamSenderTests() => _sender = new(_socket, new("MZ1", "CA1", "AC1", []), _times);

    public void Dispose() => _socket.Dispose();

    [Fact]
    public async Task Messages_AreNumberedInTheOrderTheyAreSent_FromManyThreads()
    {
        _sender.Start();
        _socket.Release(int.MaxValue);
        var sending = _sender.RunAsync();

        Parallel.For(0, 200, i =>
        {
            _sender.Dtmf('1');
            _sender.Mark("m"u8.ToArray());
        });
        _sender.Complete();
        await sending.WaitAsync(FakeCallServer.Patience, TestContext.Current.CancellationToken);

        var messages = _socket.Sent;
        Assert.Equal("connected", messages[0].GetProperty("event").GetString());
        Assert.Equal(
            Enumerable.Range(1, 401).Select(number => $"{number}"),
            messages.Skip(1).Select(message => message.GetProperty("sequenceNumber").GetString()!));
    }

    [Fact]
    public async Task Audio_IsDropped_WhereTheServerDoesNotRead()
    {
        _sender.Start();
        var sending = _sender.RunAsync();
        for (var frame = 0; frame < 1000; frame++)
        {
            _sender.Media(frame * 20, Tone.Frame);
        }

        _socket.Release(int.MaxValue);
        _sender.Stop();
        _sender.Complete();
        await sending.WaitAsync(FakeCallServer.Patience, TestContext.Current.CancellationToken);

        // Five seconds wait, and as much as was taken before the socket blocked; what follows is numbered without a gap.
        Assert.InRange(_times.FramesSent, 248, 500);
        Assert.Equal(_times.FramesSent + 3, _socket.Sent.Count);
        Assert.Equal($"{_times.FramesSent + 2}", _socket.Sent[^1].GetProperty("sequenceNumber").GetString());
        Assert.Equal(31930, Assert.Single(_times.Warnings).Code);
    }

    [Fact]
    public async Task NothingIsSent_BeforeStart_AndAfterStop()
    {
        _socket.Release(int.MaxValue);
        var sending = _sender.RunAsync();

        Touch();
        _sender.Start();
        _sender.Stop();
        Touch();
        _sender.Complete();
        await sending.WaitAsync(FakeCallServer.Patience, TestContext.Current.CancellationToken);

        Assert.Equal(["connected", "start", "stop"], _socket.Sent.Select(message => message.GetProperty("event").GetString()));
        Assert.Empty(_times.Warnings);

        void Touch()
        {
            _sender.Dtmf('1');
            _sender.Mark("m"u8.ToArray());
            _sender.Media(0, Tone.Frame);
        }
    }

    [Fact]
    public async Task Marks_AreDropped_BeforeTheyFillTheMemory()
    {
        _sender.Start();
        var sending = _sender.RunAsync();
        var name = new string('m', 100_000).Select(letter => (byte)letter).ToArray();
        for (var mark = 0; mark < 100; mark++)
        {
            _sender.Mark(name);
        }

        _socket.Release(int.MaxValue);
        _sender.Complete();
        await sending.WaitAsync(FakeCallServer.Patience, TestContext.Current.CancellationToken);

        Assert.InRange(_times.Marks, 11, 22);
        Assert.Equal(_times.Marks + 2, _socket.Sent.Count);
        Assert.Equal(31930, Assert.Single(_times.Warnings).Code);
    }

    /// <summary>Takes a message for every one that is released.</summary>
    private sealed class BlockedSocket : WebSocket
    {
        private readonly SemaphoreSlim _released = new(0);

        public List<JsonElement> Sent { get; } = [];

        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => WebSocketState.Open;

        public override string? SubProtocol => null;

        public void Release(int messages) => _released.Release(messages);

        public override async Task SendAsync(
            ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
        {
            await _released.WaitAsync(cancellationToken);
            Sent.Add(JsonElement.Parse(buffer));
        }

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override void Abort()
        {
        }

        public override void Dispose() => _released.Dispose();
    }
}
