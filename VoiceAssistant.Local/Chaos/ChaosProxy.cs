using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace VoiceAssistant.Local.Chaos;

/// <summary>A TCP proxy on a free loopback port that does to connections what networks do to them.</summary>
internal sealed class ChaosProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<ChaosConnection, Task> _connections = [];
    private readonly Func<IPEndPoint?> _server;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Task _accepting;
    private volatile Sky _sky = new(Weather.Fair);

    /// <param name="server">Where the connections go.</param>
    /// <param name="time">What delays are measured by.</param>
    /// <param name="random">Decides the jitter; used under a lock.</param>
    public ChaosProxy(IPEndPoint server, TimeProvider time, Random random)
        : this(() => server, time, random)
    {
    }

    /// <param name="server">Where the next connection goes; null where there is no server, and it is refused.</param>
    /// <param name="time">What delays are measured by.</param>
    /// <param name="random">Decides the jitter; used under a lock.</param>
    public ChaosProxy(Func<IPEndPoint?> server, TimeProvider time, Random random)
    {
        (_server, _time, _random) = (server, time, random);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>How many connections are open.</summary>
    public int Connections => _connections.Count;

    /// <summary>Holds for connections that are open and for those to come.</summary>
    public Weather Weather
    {
        get => _sky.Weather;
        set
        {
            var before = Interlocked.Exchange(ref _sky, new Sky(value));
            before.Passed.TrySetResult();
        }
    }

    /// <summary>While true, connections are refused as a server does that is not there.</summary>
    public bool Refuses { get; set; }

    /// <summary>Bytes to the client after which its connection is reset; null for none. Counted per connection.</summary>
    public long? CutAfter { get; set; }

    /// <summary>Every open connection breaks, as when a machine on the way dies.</summary>
    public void Reset()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Reset();
        }
    }

    /// <summary>The server's side of every open connection ends orderly, while the client's still gets through.</summary>
    public void HalfClose()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.HalfClose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        Reset();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _stopping.Dispose();
    }

    /// <summary>The weather as it is, and when it has changed.</summary>
    internal Sky Current => _sky;

    internal TimeSpan Delay(Weather weather)
    {
        lock (_random)
        {
            return weather.Latency + weather.Jitter * _random.NextDouble();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stopping.Token);
                if (Refuses || _server() is not { } server)
                {
                    ChaosConnection.Reset(client);
                    continue;
                }

                var connection = new ChaosConnection(
                    this, client, new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), _time, _stopping.Token);
                var started = new TaskCompletionSource();
                _connections[connection] = ServeAsync(connection, server, started.Task);
                started.SetResult();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    // Not before it is listed, so that it cannot be taken off the list first.
    private async Task ServeAsync(ChaosConnection connection, IPEndPoint server, Task listed)
    {
        await listed;
        await connection.RunAsync(server);
        _connections.TryRemove(connection, out _);
    }

    internal sealed record Sky(Weather Weather)
    {
        public TaskCompletionSource Passed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
