using System.Net;
using System.Net.Sockets;

namespace VoiceAssistant.Local;

internal static class LoopbackPort
{
    /// <summary>A port that nobody has now, for those who cannot be told to take any.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
