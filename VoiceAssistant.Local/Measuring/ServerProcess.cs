using System.Diagnostics;
using System.Security.Cryptography;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Local.Measuring;

/// <summary>The whole system as it is served, in a process of its own and with one core; killed in the end.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int ErrorLines = 20;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private readonly Process _process;
    private readonly Queue<string> _errors = new();

    private ServerProcess(int port, string authToken, string realtimeUrl)
    {
        var url = $"http://localhost:{port}";
        Line = new(url + CallEndpoints.IncomingCall, authToken, DevelopmentAuthToken.AccountSid, From: "+15550100001", To: "+15550100000");
        _process = new() { StartInfo = ThisProgram.With() };
        _process.StartInfo.RedirectStandardOutput = _process.StartInfo.RedirectStandardError = true;

        // What stands in the user's environment or .env is for their calls, not for these.
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["PORT"] = $"{port}",
            ["PUBLIC_URL"] = url,
            ["TWILIO_AUTH_TOKEN"] = authToken,
            ["TWILIO_ACCOUNT_SID"] = "",
            ["ALLOWED_NUMBERS"] = "",
            ["REQUIRE_FORWARDED_AT"] = "",
            ["REALTIME_URL"] = realtimeUrl,
            ["REALTIME_AUTH"] = "",
            ["OPENAI_API_KEY"] = "",
            ["GREETING"] = "Hello.",
            ["HANDSHAKE_SIGNATURE"] = "",
            ["MAX_CALLS"] = "",
            ["DOTNET_PROCESSOR_COUNT"] = "1",
        })
        {
            _process.StartInfo.Environment[name] = value;
        }

        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    public PhoneLine Line { get; }

    public Process Process => _process;

    /// <exception cref="InvalidDataException">It did not start; says why in its own words.</exception>
    public static async Task<ServerProcess> StartAsync(string realtimeUrl, CancellationToken cancellationToken)
    {
        var server = new ServerProcess(LoopbackPort.Free(), RandomNumberGenerator.GetHexString(32, lowercase: true), realtimeUrl);
        try
        {
            server._process.Start();
            server._process.BeginOutputReadLine();
            server._process.BeginErrorReadLine();
            await server.WaitUntilHealthyAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public ServerUsage Usage()
    {
        _process.Refresh();
        return _process.HasExited
            ? throw new InvalidDataException($"The server ended during the measurement. {Errors()}")
            : new(Stopwatch.GetTimestamp(), _process.TotalProcessorTime, _process.WorkingSet64);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        catch (InvalidOperationException)
        {
            // It was never started.
        }

        _process.Dispose();
    }

    private async Task WaitUntilHealthyAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var health = new Uri(new Uri(Line.WebhookUrl), "/health");
        var started = Stopwatch.GetTimestamp();

        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(health, cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }

            if (_process.HasExited || Stopwatch.GetElapsedTime(started) > StartTimeout)
            {
                throw new InvalidDataException(_process.HasExited
                    ? $"The server to measure did not start. {Errors()}"
                    : $"The server to measure did not answer {health} within {StartTimeout.TotalSeconds:0} s. {Errors()}");
            }

            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    private void Keep(string? line)
    {
        lock (_errors)
        {
            if (_errors.Count == ErrorLines)
            {
                _errors.Dequeue();
            }

            _errors.Enqueue(line ?? "");
        }
    }

    private string Errors()
    {
        if (_process.HasExited)
        {
            // Only this waits for the last lines.
            _process.WaitForExit();
        }

        lock (_errors)
        {
            return string.Join(Environment.NewLine, _errors).Trim();
        }
    }
}

/// <param name="Timestamp">When it was read.</param>
/// <param name="Cpu">What the process has used since it started.</param>
/// <param name="Memory">Physical memory in use, managed and native, in bytes.</param>
internal readonly record struct ServerUsage(long Timestamp, TimeSpan Cpu, long Memory);
