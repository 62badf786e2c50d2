using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Sockets;

public sealed class MessageWriterTests : IAsyncLifetime
{
    private const int MoreThanBuffersTake = SocketPair.MoreThanBuffersTake;

    private readonly StandingClock _time = new();
    private SocketPair _pair = null!;
    private MessageWriter _writer = null!;

    public async ValueTask InitializeAsync()
    {
        _pair = await SocketPair.CreateAsync();
        _writer = new MessageWriter(_pair.Ours, _time);
    }

    public async ValueTask DisposeAsync()
    {
        _pair.Dispose();
        await _writer.DisposeAsync();
    }

    [Fact]
    public async Task Messages_AreWhole_WhateverTheirLength()
    {
        using var reader = new MessageReader(_pair.Peer, 16 * 1024 * 1024);
        foreach (var length in new[] { 0, 1, 125, 126, 4096, 4097, 65535, 65536, 3_000_000, 5 })
        {
            var sending = SendAsync(new string('x', length));
            Assert.True(await reader.ReadAsync(TestTimeout.Token));
            await sending;

            Assert.Equal(length, reader.Message.Length);
        }
    }

    [Fact]
    public async Task ConcurrentSenders_NeverInterleave_AndLoseNothing()
    {
        const int Senders = 8;
        const int Messages = 200;
        using var reader = new MessageReader(_pair.Peer, 64 * 1024);

        var sending = Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < Messages; i++)
            {
                // In parts, as the commands are written, and one longer than the last.
                await SendAsync([.. Enumerable.Repeat($"{(char)('a' + sender)}{i};", 1 + i)]);
            }
        })));

        var next = new int[Senders];
        for (var i = 0; i < Senders * Messages; i++)
        {
            Assert.True(await reader.ReadAsync(TestTimeout.Token));
            var message = Encoding.ASCII.GetString(reader.Message.Span);
            var sender = message[0] - 'a';
            Assert.Equal(string.Concat(Enumerable.Repeat($"{message[0]}{next[sender]};", 1 + next[sender])), message);
            next[sender]++;
        }

        await sending;
        Assert.All(next, count => Assert.Equal(Messages, count));
    }

    [Fact]
    public async Task Stalled_Grows_WhileThePeerDoesNotRead()
    {
        Assert.Equal(TimeSpan.Zero, _writer.Stalled);

        var sending = SendAsync(new string('x', MoreThanBuffersTake));
        Assert.Equal(TimeSpan.Zero, _writer.Stalled);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), _writer.Stalled);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(5), _writer.Stalled);

        using var reader = new MessageReader(_pair.Peer, MoreThanBuffersTake);
        Assert.True(await reader.ReadAsync(TestTimeout.Token));
        await sending;
        Assert.Equal(TimeSpan.Zero, _writer.Stalled);
    }

    [Fact]
    public async Task Stalled_IsZero_AfterASendThatFailed()
    {
        var sending = SendAsync(new string('x', MoreThanBuffersTake));
        _time.Advance(TimeSpan.FromSeconds(3));
        _pair.Ours.Abort();

        await AssertEndedAsync(sending);
        Assert.Equal(TimeSpan.Zero, _writer.Stalled);
    }

    [Fact]
    public async Task NothingOfAFailedMessage_IsLeftInTheBuffer()
    {
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();

        await _writer.EnterAsync(TestTimeout.Token);
        _writer.Buffer.Write("lost"u8);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _writer.FlushAsync(cancellation.Token).AsTask());

        var buffer = Assert.IsType<PooledBuffer>(_writer.Buffer);
        Assert.True(buffer.Written.IsEmpty);
        _writer.Exit();
    }

    [Fact]
    public async Task WaitingSenders_End_WhenTheWriterIsDisposed()
    {
        var stuck = SendAsync(new string('x', MoreThanBuffersTake));
        var waiting = Enumerable.Range(0, 4).Select(_ => SendAsync("waiting")).ToArray();

        _pair.Ours.Abort();
        await _writer.DisposeAsync().AsTask().WaitAsync(TestTimeout.Token);

        await AssertEndedAsync(stuck);
        foreach (var sender in waiting)
        {
            await AssertEndedAsync(sender);
        }
    }

    [Fact]
    public async Task Dispose_Waits_ForTheSenderWhoseTurnItIs()
    {
        await _writer.EnterAsync(TestTimeout.Token);
        var buffer = _writer.Buffer;
        var disposing = _writer.DisposeAsync().AsTask();

        Assert.False(disposing.IsCompleted);
        buffer.Write("last"u8);
        await _writer.FlushAsync(TestTimeout.Token);
        _writer.Exit();

        await disposing.WaitAsync(TestTimeout.Token);
        using var reader = new MessageReader(_pair.Peer, 4096);
        Assert.True(await reader.ReadAsync(TestTimeout.Token));
        Assert.Equal("last"u8, reader.Message.Span);
    }

    [Fact]
    public async Task Nothing_IsWritten_AfterDisposal()
    {
        await _writer.DisposeAsync();
        await _writer.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => SendAsync("late"));
        Assert.Equal(WebSocketState.Open, _pair.Ours.State);
    }

    [Fact]
    public async Task Turn_IsNotTaken_ByWhoeverGaveUpWaiting()
    {
        using var cancellation = new CancellationTokenSource();
        await _writer.EnterAsync(TestTimeout.Token);
        var waiting = _writer.EnterAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        _writer.Exit();

        await _writer.EnterAsync(TestTimeout.Token);
        _writer.Exit();
    }

    private async Task SendAsync(params string[] parts)
    {
        await _writer.EnterAsync(TestTimeout.Token);
        try
        {
            foreach (var part in parts)
            {
                _writer.Buffer.Write(Encoding.ASCII.GetBytes(part));
            }

            await _writer.FlushAsync(TestTimeout.Token);
        }
        finally
        {
            _writer.Exit();
        }
    }

    private static async Task AssertEndedAsync(Task sending)
    {
        var exception = await Record.ExceptionAsync(() => sending.WaitAsync(TestTimeout.Token));
        Assert.True(exception is WebSocketException or ObjectDisposedException or OperationCanceledException, exception?.ToString());
    }
}
