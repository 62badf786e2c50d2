using System.Net.WebSockets;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Sockets;

public sealed class SocketClosingTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly StandingClock _time = new();

    [Fact]
    public async Task Peer_IsToldWhy()
    {
        using var pair = await SocketPair.CreateAsync();

        await pair.Ours.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, "Because.", Grace, _time);

        var received = await pair.Peer.ReceiveAsync(new byte[16].AsMemory(), TestTimeout.Token);
        Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, pair.Peer.CloseStatus);
        Assert.Equal("Because.", pair.Peer.CloseStatusDescription);
    }

    [Fact]
    public async Task Peer_IsAnswered_WhenItClosedFirst()
    {
        using var pair = await SocketPair.CreateAsync();
        await pair.Peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestTimeout.Token);
        await pair.Ours.ReceiveAsync(new byte[16].AsMemory(), TestTimeout.Token);

        await pair.Ours.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Grace, _time);

        Assert.Equal(WebSocketState.Closed, pair.Ours.State);
    }

    [Fact]
    public async Task Peer_IsCutOff_WhenItDoesNotReadWithinTheGrace()
    {
        using var pair = await SocketPair.CreateAsync();
        var stuck = pair.Ours.SendAsync(new byte[SocketPair.MoreThanBuffersTake], WebSocketMessageType.Text, endOfMessage: true, TestTimeout.Token);

        var closing = pair.Ours.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Grace, _time);
        await _time.TimerSetAsync(Grace);
        Assert.False(closing.IsCompleted);
        _time.Advance(Grace);

        await closing.WaitAsync(TestTimeout.Token);
        Assert.Equal(WebSocketState.Aborted, pair.Ours.State);
        await Assert.ThrowsAnyAsync<Exception>(() => stuck);
    }

    [Theory]
    [InlineData("closed")]
    [InlineData("aborted")]
    [InlineData("disposed")]
    public async Task Nothing_Happens_WhereNobodyListensAnyMore(string how)
    {
        using var pair = await SocketPair.CreateAsync();
        switch (how)
        {
            case "closed":
                await pair.Ours.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Grace, _time);
                break;
            case "aborted":
                pair.Ours.Abort();
                break;
            default:
                pair.Ours.Dispose();
                break;
        }

        await pair.Ours.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, "Too late.", Grace, _time).WaitAsync(TestTimeout.Token);
    }
}
