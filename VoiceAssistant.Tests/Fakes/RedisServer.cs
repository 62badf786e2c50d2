using System.Diagnostics;
using VoiceAssistant.Local;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>A redis-server of this machine, on a free loopback port, that keeps nothing on disk.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly Process _process;

    private RedisServer(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public string ConnectionString => $"127.0.0.1:{Port}";

    /// <summary>Skips the test where there is none.</summary>
    public static void Require() => Assert.SkipUnless(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "redis-server"))),
        "There is no redis-server on the PATH; apt-get install redis-server brings it.");

    /// <param name="port">The port of a server that was stopped, or any.</param>
    /// <param name="arguments">Further options of redis-server.</param>
    public static async Task<RedisServer> StartAsync(int? port = null, params IEnumerable<string> arguments)
    {
        port ??= LoopbackPort.Free();
        var process = Process.Start(new ProcessStartInfo(
            "redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", .. arguments])
        {
            RedirectStandardOutput = true,
        })!;

        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync(TestTimeout.Token);
        }
        while (line is not null && !line.Contains("Ready to accept connections", StringComparison.Ordinal));

        Assert.NotNull(line);
        // What is not read would stop it one day.
        _ = process.StandardOutput.ReadToEndAsync();
        return new RedisServer(process, port.Value);
    }

    /// <summary>The server keeps its connections and answers nothing.</summary>
    public void Freeze() => Signal("-STOP");

    public void Thaw() => Signal("-CONT");

    /// <summary>The server is gone, and its connections are broken.</summary>
    public Task StopAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync(TestTimeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{_process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
