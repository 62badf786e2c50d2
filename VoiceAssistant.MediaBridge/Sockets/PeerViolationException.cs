using System.Net.WebSockets;

namespace VoiceAssistant.MediaBridge.Sockets;

/// <summary>The peer broke its protocol in a way that ends the connection.</summary>
/// <param name="status">What the peer is told.</param>
/// <param name="reason">A constant: it goes to the peer and into the log.</param>
internal sealed class PeerViolationException(WebSocketCloseStatus status, string reason) : Exception(reason)
{
    public WebSocketCloseStatus Status { get; } = status;
}
