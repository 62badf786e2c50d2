using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Stands before a server on loopback, passes everything on and keeps what the clients say.</summary>
internal sealed class RecordingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<MemoryStream> _said = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly IPEndPoint _server;

    public RecordingProxy(string server)
    {
        _server = IPEndPoint.Parse(server);
        _listener.Start();
        _ = AcceptAsync();
    }

    public string ConnectionString => _listener.LocalEndpoint.ToString()!;

    /// <returns>How often the clients have said it, over all their connections.</returns>
    public int Count(string text)
    {
        var wanted = Encoding.Latin1.GetBytes(text);
        lock (_said)
        {
            return _said.Sum(said => said.GetBuffer().AsSpan(0, (int)said.Length).Count(wanted));
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(_server, _stopping.Token);
                await Task.WhenAny(
                    RecordAsync(client.GetStream(), server.GetStream()), server.GetStream().CopyToAsync(client.GetStream(), _stopping.Token));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
            }
        }
    }

    private async Task RecordAsync(NetworkStream client, NetworkStream server)
    {
        var said = new MemoryStream();
        lock (_said)
        {
            _said.Add(said);
        }

        var buffer = new byte[4096];
        while (await client.ReadAsync(buffer, _stopping.Token) is > 0 and var read)
        {
            lock (_said)
            {
                said.Write(buffer, 0, read);
            }

            await server.WriteAsync(buffer.AsMemory(0, read), _stopping.Token);
        }
    }
}
