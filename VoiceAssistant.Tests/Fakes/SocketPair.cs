using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Both ends of a WebSocket over loopback TCP: real framing, no HTTP.</summary>
internal sealed class SocketPair : IDisposable
{
    /// <summary>A message so long that it is sent only as far as the peer reads.</summary>
    public const int MoreThanBuffersTake = 4 * 1024 * 1024;

    private const int BufferSize = 64 * 1024;

    private readonly TcpClient _peerConnection;

    private SocketPair(TcpClient ours, TcpClient peer)
    {
        Ours = WebSocket.CreateFromStream(ours.GetStream(), isServer: true, subProtocol: null, Timeout.InfiniteTimeSpan);
        Peer = WebSocket.CreateFromStream(peer.GetStream(), isServer: false, subProtocol: null, Timeout.InfiniteTimeSpan);
        _peerConnection = peer;
    }

    public WebSocket Ours { get; }

    public WebSocket Peer { get; }

    public static async Task<SocketPair> CreateAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0) { Server = { SendBufferSize = BufferSize } };
        listener.Start();
        var peer = new TcpClient { NoDelay = true, ReceiveBufferSize = BufferSize };
        await peer.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestTimeout.Token);
        return new SocketPair(await listener.AcceptTcpClientAsync(TestTimeout.Token), peer);
    }

    /// <summary>The peer's machine is gone: no close frame, the connection is reset.</summary>
    public void ResetByPeer()
    {
        _peerConnection.LingerState = new LingerOption(enable: true, seconds: 0);
        _peerConnection.Close();
    }

    public void Dispose()
    {
        Ours.Dispose();
        Peer.Dispose();
    }
}
