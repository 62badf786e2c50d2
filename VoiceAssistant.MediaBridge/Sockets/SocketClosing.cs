using System.Net.WebSockets;

namespace VoiceAssistant.MediaBridge.Sockets;

internal static class SocketClosing
{
    /// <summary>Says why we close, if the peer still takes it within the grace.</summary>
    /// <remarks>Sends no more afterwards; whoever reads from the socket sees the peer's answer, or is ended by an abort.</remarks>
    public static async Task CloseOutputAsync(
        this WebSocket socket, WebSocketCloseStatus status, string? reason, TimeSpan grace, TimeProvider time)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            return;
        }

        try
        {
            await socket.CloseOutputAsync(status, reason, CancellationToken.None).WaitAsync(grace, time);
        }
        catch (Exception exception) when (exception is WebSocketException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            // It is gone or does not listen.
            socket.Abort();
        }
    }
}
