using System.Net.WebSockets;
using System.Text;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Sockets;

public sealed class MessageReaderTests : IAsyncLifetime
{
    private const int Limit = 64 * 1024;

    private SocketPair _pair = null!;
    private MessageReader _reader = null!;

    public async ValueTask InitializeAsync()
    {
        _pair = await SocketPair.CreateAsync();
        _reader = new MessageReader(_pair.Ours, Limit);
    }

    public ValueTask DisposeAsync()
    {
        _pair.Dispose();
        _reader.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Message_IsTheSame_WhereverItIsSplit()
    {
        var message = Encoding.UTF8.GetBytes("""{"event":"media","media":{"payload":"fn9/f35+"},"name":"Zoë, 中文"}""");

        for (var split = 0; split <= message.Length; split++)
        {
            await SendAsync(message.AsMemory(0, split), endOfMessage: false);
            await SendAsync(message.AsMemory(split));

            Assert.Equal(message, await ReadAsync());
        }
    }

    [Fact]
    public async Task Message_IsTheSame_InFragmentsOfOneByteAndOfNone()
    {
        var message = Text(300);

        foreach (var value in message)
        {
            await SendAsync(new byte[] { value }, endOfMessage: false);
            await SendAsync(ReadOnlyMemory<byte>.Empty, endOfMessage: false);
        }

        await SendAsync(ReadOnlyMemory<byte>.Empty);

        Assert.Equal(message, await ReadAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(8193)]
    [InlineData(Limit - 1)]
    [InlineData(Limit)]
    public async Task Message_IsReadWhole_OfAnyLengthUpToTheLimit(int length)
    {
        await SendAsync(Text(length));
        Assert.Equal(Text(length), await ReadAsync());
    }

    [Fact]
    public async Task Message_IsReadWhole_FarBeyondTheFirstBuffer()
    {
        _reader.MaxMessageSize = 16 * 1024 * 1024;
        var sending = SendAsync(Text(5_000_000));
        Assert.Equal(Text(5_000_000), await ReadAsync());
        await sending;

        await SendAsync("after"u8.ToArray());
        Assert.Equal("after"u8.ToArray(), await ReadAsync());
    }

    [Fact]
    public async Task LongMessage_LeavesNothing_InTheShorterOneAfterIt()
    {
        await SendAsync(Text(3000));
        await SendAsync("{}"u8.ToArray());

        Assert.Equal(3000, (await ReadAsync()).Length);
        Assert.Equal("{}"u8.ToArray(), await ReadAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    public async Task LongerMessage_IsTooBig_AlsoInFragments(int fragments)
    {
        var sending = SendFragmentsAsync(Text(Limit + 1), fragments);

        var violation = await Assert.ThrowsAsync<PeerViolationException>(() => _reader.ReadAsync(TestTimeout.Token).AsTask());

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, violation.Status);
        await sending;
    }

    [Fact]
    public async Task EndlessMessage_IsTooBig_BeforeItEnds()
    {
        await SendAsync(Text(Limit + 1), endOfMessage: false);

        var violation = await Assert.ThrowsAsync<PeerViolationException>(() => _reader.ReadAsync(TestTimeout.Token).AsTask());

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, violation.Status);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(10, true)]
    [InlineData(10, false)]
    public async Task BinaryMessage_IsRefused_ByItsType(int length, bool endOfMessage)
    {
        await _pair.Peer.SendAsync(Text(length), WebSocketMessageType.Binary, endOfMessage, TestTimeout.Token);

        var violation = await Assert.ThrowsAsync<PeerViolationException>(() => _reader.ReadAsync(TestTimeout.Token).AsTask());

        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, violation.Status);
    }

    [Fact]
    public async Task Close_EndsTheReading()
    {
        await SendAsync("{}"u8.ToArray());
        await _pair.Peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestTimeout.Token);

        Assert.True(await _reader.ReadAsync(TestTimeout.Token));
        Assert.False(await _reader.ReadAsync(TestTimeout.Token));
    }

    [Fact]
    public async Task Close_EndsTheReading_WithinAMessage()
    {
        await SendAsync("{"u8.ToArray(), endOfMessage: false);
        await _pair.Peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestTimeout.Token);

        Assert.False(await _reader.ReadAsync(TestTimeout.Token));
    }

    [Fact]
    public async Task Reset_IsABrokenConnection()
    {
        var reading = _reader.ReadAsync(TestTimeout.Token).AsTask();
        _pair.ResetByPeer();

        await Assert.ThrowsAsync<WebSocketException>(() => reading);
    }

    [Fact]
    public async Task Abort_EndsTheReading_ThoughNoTokenWasCancelled()
    {
        var reading = _reader.ReadAsync(CancellationToken.None).AsTask();
        _pair.Ours.Abort();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TestTimeout.Token));
    }

    [Fact]
    public async Task Cancellation_EndsTheReading()
    {
        using var cancellation = new CancellationTokenSource();
        var reading = _reader.ReadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    // What is read in place is written on as it is, so it must be text.
    [Fact]
    public async Task InvalidText_IsABrokenConnection()
    {
        await SendAsync(new byte[] { (byte)'"', 0xC3, 0x28, (byte)'"' });

        await Assert.ThrowsAsync<WebSocketException>(() => _reader.ReadAsync(TestTimeout.Token).AsTask());
    }

    private async Task<byte[]> ReadAsync()
    {
        Assert.True(await _reader.ReadAsync(TestTimeout.Token));
        return _reader.Message.ToArray();
    }

    private Task SendAsync(ReadOnlyMemory<byte> bytes, bool endOfMessage = true) =>
        _pair.Peer.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage, TestTimeout.Token).AsTask();

    private async Task SendFragmentsAsync(byte[] message, int count)
    {
        foreach (var fragment in message.Chunk((message.Length + count - 1) / count))
        {
            await SendAsync(fragment, endOfMessage: false);
        }

        await SendAsync(ReadOnlyMemory<byte>.Empty);
    }

    // No two stretches of it are the same for long, so that a byte lost or doubled shows.
    private static byte[] Text(int length)
    {
        var text = new byte[length];
        for (var i = 0; i < length; i++)
        {
            text[i] = (byte)('a' + ((i + (i / 251)) % 26));
        }

        return text;
    }
}
