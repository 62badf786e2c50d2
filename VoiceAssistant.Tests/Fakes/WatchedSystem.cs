using System.Net;
using System.Security.Cryptography;
using StackExchange.Redis;
using VoiceAssistant.Calls.Signatures;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Both services with every logger at Trace and secrets that occur nowhere else, and all that they leave behind.</summary>
internal sealed class WatchedSystem : IAsyncDisposable
{
    // ServiceDefaults would leave all but the first out.
    private static readonly string[] Categories =
    [
        "Default", "Microsoft.AspNetCore", "System.Net.Http", "Polly", "Microsoft.Extensions.Diagnostics.HealthChecks",
        "StackExchange.Redis", "Microsoft.Extensions.Hosting.Internal.Host",
    ];

    private readonly List<LogRecorder> _logs = [];
    private readonly (string Name, string Value)[] _settings;
    private readonly bool _isImpatient;
    private ExportRecorder _exports = null!;

    private WatchedSystem(string? redis)
    {
        _isImpatient = redis is not null;
        ApiKey = Secrets.Add("API key", "sk-proj-" + Random());
        AuthToken = Secrets.Add("auth token", Random());
        From = Secrets.AddNumber("caller", Number());
        To = Secrets.AddNumber("callee", Number());
        Handshake = Secrets.Add("handshake's signature", TwilioSignature.Compute(AuthToken, "wss://voice.example/media-stream", []));
        _settings =
        [
            .. Categories.Select(category => ($"Logging:LogLevel:{category}", "Trace")),
            ("PUBLIC_URL", WebhookHost.PublicUrl),
            ("TWILIO_AUTH_TOKEN", AuthToken),
            ("ALLOWED_NUMBERS", From),
            ("OPENAI_API_KEY", ApiKey),
            ("GREETING", Secret("greeting")),
            ("SYSTEM_MESSAGE", Secret("instructions")),
            ("MAX_CALLS", "1"),
        ];
        if (redis is not null)
        {
            _settings = [.. _settings, ("ConnectionStrings:redis", redis)];
        }
    }

    public Contraband Secrets { get; } = new();

    public string ApiKey { get; }

    public string AuthToken { get; }

    public string From { get; }

    public string To { get; }

    /// <summary>The signature that Twilio sends with every stream.</summary>
    public string Handshake { get; }

    public FakeRealtimeServer Model { get; private set; } = null!;

    public BridgeHost Bridge { get; private set; } = null!;

    public WebhookHost Webhook { get; private set; } = null!;

    /// <summary>Every text of spans and measurements so far.</summary>
    public IEnumerable<string> Exported => _exports.Texts;

    private DateTimeOffset Now => _isImpatient ? DateTimeOffset.UtcNow : Webhook.Time.GetUtcNow();

    /// <param name="redis">Of the bridge and, impatient, of the webhook; null: the bridge's own.</param>
    /// <param name="time">The bridge's clock; null: one that stands still.</param>
    /// <param name="environment">The bridge's.</param>
    /// <param name="settings">The bridge's, besides those that both services have.</param>
    public static async Task<WatchedSystem> StartAsync(
        string? redis = null, TimeProvider? time = null, string environment = "Local", params (string Name, string Value)[] settings)
    {
        var system = new WatchedSystem(redis);
        system.Model = await FakeRealtimeServer.StartAsync();
        system.Bridge = await BridgeHost.StartAsync(
            $"{system.Model.Url}?api-key={system.Secret("key in REALTIME_URL")}",
            time,
            system._settings.Concat(settings).Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)),
            environment: environment);
        system.Webhook = redis is null
            ? await WebhookHost.StartAsync(system.Bridge.RedisConnectionString, system._settings)
            : await WebhookHost.StartImpatientAsync(redis, system._settings);
        system._logs.AddRange([system.Bridge.Log, system.Webhook.Log]);
        system._exports = new ExportRecorder(system.Bridge.Meters, system.Webhook.Meters);
        return system;
    }

    public static string Random() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <returns>A text that must not be found.</returns>
    public string Secret(string name) => Secrets.Add(name, Random());

    /// <returns>A frame that must not be found, as it stands in messages.</returns>
    public byte[] Audio()
    {
        var frame = RandomNumberGenerator.GetBytes(160);
        Secrets.Add("audio", Convert.ToBase64String(frame));
        return frame;
    }

    /// <returns>Twilio's request about a new call of this system's caller.</returns>
    public TwilioRequest NewCall(params (string Name, string Value)[] fields)
    {
        (string Name, string Value)[] people =
        [
            ("From", From), ("Caller", From), ("To", To), ("Called", To), ("CallerName", Secret("caller's name")),
            ("VaForwardedAt", $"{Now.ToUnixTimeSeconds()}"), .. fields,
        ];
        var request = TwilioRequest.NewCall(people) with { AuthToken = AuthToken };
        Secrets.Add("signature", request.Signature);
        return request;
    }

    /// <returns>The answer; its token, where it has one, must not be found.</returns>
    public async Task<(HttpStatusCode Status, string? Token)> AskAsync(TwilioRequest request)
    {
        using var response = await Webhook.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync(TestTimeout.Token);
        return (response.StatusCode, body.Contains("<Stream", StringComparison.Ordinal) ? Secrets.Add("token", TestTwiml.Token(body)) : null);
    }

    public Task<FakeTwilioStream> ConnectAsync() => FakeTwilioStream.ConnectAsync(Bridge.Url, (TwilioSignature.HeaderName, Handshake));

    /// <returns>A stream whose token was taken, and the model's session.</returns>
    public async Task<(FakeTwilioStream Caller, FakeRealtimeSession Session, string Token)> CallAsync()
    {
        var request = NewCall();
        var (_, token) = await AskAsync(request);
        Assert.NotNull(token);
        var caller = await ConnectAsync();
        await caller.StartAsync(token, CallSid(request));
        return (caller, await Model.AcceptConfiguredAsync(), token);
    }

    public static string CallSid(TwilioRequest request) => request.Fields.Single(field => field.Key == "CallSid").Value;

    /// <summary>Stops the services first, so that there is nothing more to come.</summary>
    /// <param name="happened">Events that must be found, or the test has not tried what it wants to.</param>
    public Task AssertNothingIsFoundAsync(params string[] happened) => AssertNothingIsFoundAsync([], happened);

    /// <param name="logs">Of other services that have the same secrets.</param>
    /// <param name="happened">As above.</param>
    public async Task AssertNothingIsFoundAsync(LogRecorder[] logs, params string[] happened)
    {
        // One that is disposed of waits a second for its streams, which may have more to say.
        await Bridge.IdleAsync();
        await Webhook.DisposeAsync();
        await Bridge.DisposeAsync();

        var lines = _logs.Concat(logs).SelectMany(log => log.All).ToList();
        Assert.All(happened, name => Assert.Contains(lines, line => line.Text.Contains($"[{name}]", StringComparison.Ordinal)));
        var found = Secrets.FindIn(lines.SelectMany(Texts).Concat(_exports.Texts)).ToList();
        Assert.True(found is [], string.Join(Environment.NewLine, found));
    }

    /// <summary>After a call, when its token is used.</summary>
    public async Task AssertRedisHoldsNothingAsync()
    {
        var texts = new List<string>();
        await foreach (var key in Bridge.Redis.Multiplexer.GetServers().Single().KeysAsync())
        {
            texts.Add($"{key}");
            texts.AddRange(await Bridge.Redis.KeyTypeAsync(key) switch
            {
                RedisType.Hash => (await Bridge.Redis.HashGetAllAsync(key)).Select(field => $"{field}"),
                RedisType.SortedSet => (await Bridge.Redis.SortedSetRangeByRankAsync(key)).Select(member => $"{member}"),
                _ => [$"{await Bridge.Redis.StringGetAsync(key)}"],
            });
        }

        Assert.Contains(texts, text => text.StartsWith("va:call:", StringComparison.Ordinal));
        Assert.Empty(Secrets.FindIn(texts));
    }

    public async ValueTask DisposeAsync()
    {
        _exports.Dispose();
        await Webhook.DisposeAsync();
        await Bridge.DisposeAsync();
        await Model.DisposeAsync();
    }

    private static IEnumerable<string> Texts(LogLine line) =>
        [line.Text, .. line.Scopes, .. line.Values.Select(value => $"{value.Key}={ExportRecorder.Text(value.Value)}")];

    private static string Number() => "+1" + RandomNumberGenerator.GetString("23456789", 10);
}
