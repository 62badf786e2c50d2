using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Local.Chaos;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Chaos;

public sealed class ChaosProxyTests : IAsyncDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly FakeTimeProvider _time = new();
    private readonly ChaosProxy _proxy;

    public ChaosProxyTests()
    {
        _server.Start();
        _proxy = new ChaosProxy((IPEndPoint)_server.LocalEndpoint, _time, new Random(1));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task Bytes_CrossUnchanged_InFairWeather()
    {
        var (client, server) = await ConnectAsync();
        var bytes = new byte[1024 * 1024];
        new Random(2).NextBytes(bytes);

        var sending = client.SendAsync(bytes, TestTimeout.Token).AsTask();
        var received = await ReceiveAsync(server, bytes.Length);
        await sending;

        Assert.Equal(bytes, received);
        await server.SendAsync("back"u8.ToArray(), TestTimeout.Token);
        Assert.Equal("back", await ReceiveTextAsync(client, 4));
    }

    [Fact]
    public async Task Bytes_AreLate_WithLatency()
    {
        var (client, server) = await ConnectAsync();
        _proxy.Weather = new() { Latency = TimeSpan.FromSeconds(1), Jitter = TimeSpan.FromSeconds(1) };

        await client.SendAsync("late"u8.ToArray(), TestTimeout.Token);
        var receiving = ReceiveTextAsync(server, 4);

        Assert.False(receiving.IsCompleted);
        await PassTimeUntilAsync(receiving);

        Assert.True(_time.GetUtcNow() - _time.Start >= TimeSpan.FromSeconds(1));
        Assert.Equal("late", await receiving);
    }

    [Fact]
    public async Task Bytes_WaitForTheWeather_InABlackHole()
    {
        var (client, server) = await ConnectAsync();
        _proxy.Weather = new() { BlackHole = true };

        await client.SendAsync("lost?"u8.ToArray(), TestTimeout.Token);
        var receiving = ReceiveTextAsync(server, 5);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(receiving.IsCompleted);

        _proxy.Weather = Weather.Fair;
        Assert.Equal("lost?", await receiving);
    }

    [Fact]
    public async Task Bytes_Drip_WithLittleBandwidth()
    {
        var (client, server) = await ConnectAsync();
        _proxy.Weather = new() { Bandwidth = 10 };

        await client.SendAsync("abc"u8.ToArray(), TestTimeout.Token);

        Assert.Equal("a", await ReceiveTextAsync(server, 1));
        var next = ReceiveTextAsync(server, 1);
        Assert.False(next.IsCompleted);
        await PassTimeUntilAsync(next);

        Assert.Equal("b", await next);
    }

    [Fact]
    public async Task BothSides_SeeTheirConnectionReset_AfterAReset()
    {
        var (client, server) = await ConnectAsync();

        _proxy.Reset();

        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(client, 1));
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(server, 1));
    }

    [Fact]
    public async Task Client_IsCutOff_AfterSoManyBytes()
    {
        _proxy.CutAfter = 3;
        var (client, server) = await ConnectAsync();

        await server.SendAsync("abcdef"u8.ToArray(), TestTimeout.Token);

        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            await ReceiveAsync(client, 6);
            await ReceiveAsync(client, 1);
        });
    }

    [Fact]
    public async Task Client_StillReachesTheServer_AfterAHalfClose()
    {
        var (client, server) = await ConnectAsync();

        _proxy.HalfClose();

        Assert.Equal(0, await client.ReceiveAsync(new byte[1], TestTimeout.Token));
        await client.SendAsync("still"u8.ToArray(), TestTimeout.Token);
        Assert.Equal("still", await ReceiveTextAsync(server, 5));
    }

    [Fact]
    public async Task OrderlyEnd_Crosses_InEachDirection()
    {
        var (client, server) = await ConnectAsync();

        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await server.ReceiveAsync(new byte[1], TestTimeout.Token));
        await server.SendAsync("bye"u8.ToArray(), TestTimeout.Token);
        server.Shutdown(SocketShutdown.Send);

        Assert.Equal("bye", await ReceiveTextAsync(client, 3));
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], TestTimeout.Token));
    }

    [Fact]
    public async Task Connections_AreRefused_WhereTheProxyRefuses()
    {
        _proxy.Refuses = true;
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            await client.ConnectAsync(_proxy.EndPoint, TestTimeout.Token);
            await ReceiveAsync(client, 1);
        });
        Assert.Equal(0, _proxy.Connections);
    }

    // The proxy's own timers are not known here.
    private async Task PassTimeUntilAsync(Task task)
    {
        var timeout = TestTimeout.Token;
        while (!task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(task, Task.Delay(1, timeout));
            timeout.ThrowIfCancellationRequested();
        }
    }

    private async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(_proxy.EndPoint, TestTimeout.Token);
        return (client, await _server.AcceptSocketAsync(TestTimeout.Token));
    }

    private static async Task<string> ReceiveTextAsync(Socket socket, int count) => Encoding.ASCII.GetString(await ReceiveAsync(socket, count));

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        var received = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await socket.ReceiveAsync(received.AsMemory(read), TestTimeout.Token);
            Assert.NotEqual(0, more);
            read += more;
        }

        return received;
    }
}
