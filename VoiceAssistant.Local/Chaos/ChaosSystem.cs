using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Budgets;
using VoiceAssistant.Local.OfflineAssistant;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Local.Chaos;

/// <summary>The system as it is deployed, in processes of its own, with a network between them that can fail.</summary>
internal sealed class ChaosSystem : IAsyncDisposable
{
    private const string PublicUrl = "https://voice.example";

    // A bridge hands its calls over from the first moment on, at the next pause in the talk.
    private const string DrainSeconds = "45";

    private readonly Programs _programs;
    private readonly EndRecords _records;
    private readonly string _authToken = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly int _redisPort = LoopbackPort.Free();
    private readonly int _modelPort = LoopbackPort.Free();
    private readonly int _webhookPort = LoopbackPort.Free();
    private readonly List<ChildProcess> _all = [];
    private readonly TwilioRest _rest;
    private int _bridges;

    private ChaosSystem(Programs programs, TwilioRest rest, EndRecords records, int phones, int seed, TimeProvider time)
    {
        (_programs, _rest, _records) = (programs, rest, records);
        Bridges = new(time);
        Model = new(new IPEndPoint(IPAddress.Loopback, _modelPort), time, new Random(seed));
        Redis = new(new IPEndPoint(IPAddress.Loopback, _redisPort), time, new Random(seed));
        Callers = [.. Enumerable.Range(0, phones).Select(phone => new ChaosProxy(Bridges.Next, time, new Random(seed + phone)))];
    }

    public Bridges Bridges { get; }

    /// <summary>The way to the model, to Redis, and of each phone to the bridges.</summary>
    public ChaosProxy Model { get; }

    public ChaosProxy Redis { get; }

    public IReadOnlyList<ChaosProxy> Callers { get; }

    public TwilioRest Rest => _rest;

    public ChildProcess RedisProcess { get; private set; } = null!;

    public ChildProcess ModelProcess { get; private set; } = null!;

    public ChildProcess WebhookProcess { get; private set; } = null!;

    /// <summary>What the webhook held before its first call.</summary>
    public Footprint WebhookBefore { get; private set; }

    /// <summary>Of Redis itself, without a proxy before it.</summary>
    public string RedisAddress => $"127.0.0.1:{_redisPort}";

    /// <summary>Those that are gone without having been told.</summary>
    public IReadOnlyList<ChildProcess> Crashed
    {
        get
        {
            lock (_all)
            {
                return [.. _all.Where(process => process.HasExited && !process.IsExpectedToExit)];
            }
        }
    }

    /// <summary>Those that were told to stop and have not.</summary>
    public IReadOnlyList<ChildProcess> NotStopped
    {
        get
        {
            lock (_all)
            {
                return [.. _all.Where(process => !process.HasExited && process.IsExpectedToExit)];
            }
        }
    }

    public static async Task<ChaosSystem> StartAsync(
        Programs programs, EndRecords records, int bridges, int phones, int seed, TimeProvider time, CancellationToken cancellationToken)
    {
        var system = new ChaosSystem(programs, await TwilioRest.StartAsync(cancellationToken), records, phones, seed, time);
        try
        {
            await Task.WhenAll(system.StartRedisAsync(cancellationToken), system.StartModelAsync(cancellationToken));
            await system.StartWebhookAsync(cancellationToken);
            for (var bridge = 0; bridge < bridges; bridge++)
            {
                await system.StartBridgeAsync(cancellationToken);
            }

            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>As Twilio knows the number that this phone calls; each call has another caller's.</summary>
    public PhoneLine LineOf(int phone, string from, bool asksAfterLoss) => new(
        PublicUrl + CallEndpoints.IncomingCall, _authToken, DevelopmentAuthToken.AccountSid, from, To: "+15550100002")
    {
        Shortcut = new(new(PublicUrl), new($"http://127.0.0.1:{_webhookPort}"), new($"http://{Callers[phone].EndPoint}")),
        AsksAfterLoss = asksAfterLoss,
    };

    public async Task StartRedisAsync(CancellationToken cancellationToken) => RedisProcess = await StartAsync(
        "redis", _programs.Redis(_redisPort), "Ready to accept connections", cancellationToken);

    public async Task StartModelAsync(CancellationToken cancellationToken) => ModelProcess = await StartAsync(
        "model", Programs.Assistant(_modelPort), "The offline assistant listens", cancellationToken);

    public async Task StartWebhookAsync(CancellationToken cancellationToken)
    {
        WebhookProcess = await StartServiceAsync("webhook", "VoiceAssistant.Webhook", new()
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_webhookPort}",
            [TwilioApiOptions.UrlName] = _rest.Url,
        }, cancellationToken);
        WebhookBefore = Footprint.Of(WebhookProcess.Id);
    }

    public async Task<Bridge> StartBridgeAsync(CancellationToken cancellationToken)
    {
        var (port, management) = (LoopbackPort.Free(), LoopbackPort.Free());
        var process = await StartServiceAsync($"bridge-{Interlocked.Increment(ref _bridges)}", "VoiceAssistant.MediaBridge", new()
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port};http://127.0.0.1:{management}",
            ["MANAGEMENT_PORT"] = $"{management}",
            ["GREETING"] = "Hello.",
            ["REALTIME_URL"] = $"ws://{Model.EndPoint}{OfflineAssistantEndpoints.Path}",
            [StreamOptions.MaxCallsName] = "1000",
            [DrainOptions.SecondsName] = DrainSeconds,
        }, cancellationToken);
        var bridge = new Bridge(process, new IPEndPoint(IPAddress.Loopback, port), management, Footprint.Of(process.Id));
        Bridges.Add(bridge);
        return bridge;
    }

    public async ValueTask DisposeAsync()
    {
        await Bridges.DisposeAsync();
        foreach (var proxy in Callers.Append(Model).Append(Redis))
        {
            await proxy.DisposeAsync();
        }

        List<ChildProcess> all;
        lock (_all)
        {
            all = [.. _all];
        }

        foreach (var process in all)
        {
            await process.DisposeAsync();
        }

        await _rest.DisposeAsync();
    }

    private Task<ChildProcess> StartServiceAsync(string name, string project, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        settings[TwilioOptions.PublicUrlName] = PublicUrl;
        settings[TwilioOptions.AuthTokenName] = _authToken;
        settings["ConnectionStrings__redis"] = $"{Redis.EndPoint}";
        settings["Logging__LogLevel__VoiceAssistant"] = "Debug";
        foreach (var budget in BudgetOptions.Names)
        {
            settings[budget] = "0";
        }

        return StartAsync(name, _programs.Service(project, settings), "Application started", cancellationToken);
    }

    private async Task<ChildProcess> StartAsync(string name, ProcessStartInfo start, string ready, CancellationToken cancellationToken)
    {
        var process = await ChildProcess.StartAsync(name, start, ready, _programs.Logs, _records.Read, cancellationToken);
        lock (_all)
        {
            _all.Add(process);
        }

        return process;
    }
}
