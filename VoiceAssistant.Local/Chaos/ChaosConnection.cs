using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace VoiceAssistant.Local.Chaos;

/// <summary>One connection through the proxy: what is read is written when the weather lets it through.</summary>
internal sealed class ChaosConnection(ChaosProxy proxy, Socket client, Socket server, TimeProvider time, CancellationToken stopping)
{
    private const int ChunkSize = 16 * 1024;

    // So many chunks are under way at most; then the sender waits, as with any full pipe.
    private const int MaxChunks = 64;

    public async Task RunAsync(IPEndPoint destination)
    {
        client.NoDelay = server.NoDelay = true;
        try
        {
            await server.ConnectAsync(destination, stopping);
            await Task.WhenAll(PassAsync(client, server, cutAfter: null), PassAsync(server, client, proxy.CutAfter));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side broke, and the other learns it in the same way.
        }

        Reset();
    }

    public void Reset()
    {
        Reset(client);
        Reset(server);
    }

    public void HalfClose() => TryShutdown(client);

    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // It is closed already.
        }

        socket.Dispose();
    }

    private async Task PassAsync(Socket from, Socket to, long? cutAfter)
    {
        var underway = Channel.CreateBounded<(long ReadAt, byte[] Bytes)>(MaxChunks);
        var reading = ReadAsync(from, underway.Writer);
        try
        {
            await WriteAsync(underway.Reader, to, cutAfter);
        }
        catch
        {
            // Also ends the reading, and the other direction.
            Reset();
            throw;
        }
        finally
        {
            await reading;
        }
    }

    private async Task ReadAsync(Socket from, ChannelWriter<(long, byte[])> underway)
    {
        var buffer = new byte[ChunkSize];
        try
        {
            while (await from.ReceiveAsync(buffer, stopping) is > 0 and var read)
            {
                await underway.WriteAsync((time.GetTimestamp(), buffer[..read]), stopping);
            }

            underway.Complete();
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            underway.Complete(exception);
        }
    }

    private async Task WriteAsync(ChannelReader<(long ReadAt, byte[] Bytes)> underway, Socket to, long? cutAfter)
    {
        var passed = 0L;
        await foreach (var (readAt, bytes) in underway.ReadAllAsync(stopping))
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                var weather = await ClearedAsync();
                await WaitUntilAsync(readAt, proxy.Delay(weather));

                // A tenth of a second's worth, so that a drip drips.
                var size = Math.Min(bytes.Length - sent, weather.Bandwidth is { } bandwidth ? Math.Max(1, bandwidth / 10) : ChunkSize);
                await to.SendAsync(bytes.AsMemory(sent, size), stopping);
                sent += size;
                passed += size;
                if (passed >= cutAfter)
                {
                    throw new SocketException((int)SocketError.ConnectionReset);
                }

                if (weather.Bandwidth is { } limit)
                {
                    await Task.Delay(TimeSpan.FromSeconds((double)size / limit), time, stopping);
                }
            }
        }

        // The other direction may go on.
        TryShutdown(to);
    }

    private async Task<Weather> ClearedAsync()
    {
        while (proxy.Current is { Weather.BlackHole: true } sky)
        {
            await sky.Passed.Task.WaitAsync(stopping);
        }

        return proxy.Weather;
    }

    private Task WaitUntilAsync(long readAt, TimeSpan delay)
    {
        var left = delay - time.GetElapsedTime(readAt);
        return left > TimeSpan.Zero ? Task.Delay(left, time, stopping) : Task.CompletedTask;
    }

    private static void TryShutdown(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It broke in the meantime.
        }
    }
}
