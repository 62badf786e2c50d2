using System.Net;
using System.Net.Sockets;

namespace VoiceAssistant.Local;

internal static class LoopbackPort
{
    // Those above are given by the system to whoever takes any port (from 32768 on Linux, from 49152 elsewhere): a free one is soon another's.
    private const int First = 20_000;
    private const int Count = 12_000;

    private static int _next = Random.Shared.Next(Count);

    /// <summary>A port that nobody has now, for those who cannot be told to take any; in this process nobody else is told the same.</summary>
    public static int Free()
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException) when (attempt < Count)
            {
                // Somebody has it.
            }
        }
    }
}
