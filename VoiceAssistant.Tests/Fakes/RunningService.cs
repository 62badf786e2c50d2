using System.Diagnostics;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>A service in a process of its own, where it says that it listens; killed in the end.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly List<Uri> _addresses = [];
    private Task<string> _output = Task.FromResult("");

    private RunningService(Process process) => _process = process;

    /// <summary>In the order of ASPNETCORE_URLS.</summary>
    public IReadOnlyList<Uri> Addresses => _addresses;

    /// <summary>Of a bridge: where Twilio opens its streams.</summary>
    public string StreamUrl => $"ws://{Addresses[0].Authority}{StreamEndpoints.MediaStream}";

    public HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TestTimeout.Value };

    public int ProcessId => _process.Id;

    /// <summary>Physical memory in use, in bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<RunningService> StartAsync(string project, IReadOnlyDictionary<string, string> settings)
    {
        // Production takes no address on this machine.
        var local = new Dictionary<string, string>(settings);
        local.TryAdd("ASPNETCORE_ENVIRONMENT", "Local");
        var service = new RunningService(ServiceProcess.Start(project, Path.GetTempPath(), local));
        try
        {
            await service.ListenAsync();
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>A bridge that has what it needs.</summary>
    /// <param name="redis">Where its Redis is.</param>
    /// <param name="realtimeUrl">Where its model is.</param>
    /// <param name="settings">Besides those that every bridge needs.</param>
    public static async Task<RunningService> StartBridgeAsync(string redis, string realtimeUrl, params IEnumerable<KeyValuePair<string, string>> settings)
    {
        var bridge = await StartAsync("VoiceAssistant.MediaBridge", new Dictionary<string, string>(settings)
        {
            ["ConnectionStrings__redis"] = redis,
            ["TWILIO_AUTH_TOKEN"] = WebhookHost.AuthToken,
            ["PUBLIC_URL"] = "http://localhost",
            ["OPENAI_API_KEY"] = "test-key",
            ["REALTIME_URL"] = realtimeUrl,
            ["WARM_SESSIONS"] = "0",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        });
        await bridge.ReadyAsync();
        return bridge;
    }

    /// <summary>As kill -9 does: the process has no time for anything.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync(TestTimeout.Token);
    }

    /// <summary>As a platform does that wants it to stop.</summary>
    public void Terminate() => Signal("TERM");

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <returns>How it has ended by itself, and what it has said since it listens.</returns>
    public async Task<(int Code, string Output)> ExitAsync()
    {
        await _process.WaitForExitAsync(TestTimeout.Token);
        return (_process.ExitCode, await _output);
    }

    /// <returns>Completes when it has what it needs: on a busy machine it listens before Redis has answered.</returns>
    public async Task ReadyAsync()
    {
        for (var end = TestTimeout.Token; ; await Task.Delay(50, end))
        {
            using var health = await Client.GetAsync(new Uri(Addresses[0], "/health"), end);
            if (health.IsSuccessStatusCode)
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ListenAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync(TestTimeout.Token) is { } line)
        {
            if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var found)
            {
                _addresses.Add(new Uri(line[(found + Listening.Length)..]));
            }
            else if (line.Contains("Application started", StringComparison.Ordinal))
            {
                // What nobody reads would hold it up in the end.
                _output = _process.StandardOutput.ReadToEndAsync();
                _ = _process.StandardError.ReadToEndAsync();
                return;
            }
        }

        Assert.Fail(await _process.StandardError.ReadToEndAsync(TestTimeout.Token));
    }
}
