using System.Net;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults;

/// <summary>What the executables answer to the world, and what to the operator.</summary>
[Trait("Proves", "T-S4")]
public sealed class PublicAddressTests : IDisposable
{
    private const string Webhook = "VoiceAssistant.Webhook";
    private const string MediaBridge = "VoiceAssistant.MediaBridge";

    private static readonly string NotFound = RefusalBody.Of(HttpStatusCode.NotFound);

    private static readonly string[] Strange =
    [
        "/", "/room", "/drain", "/DRAIN", "/drain/", "//drain", "/management", "/management/drain", "/metrics", "/ready", "/health/details", "/healthz", "/alive/x", "/.env",
        "/index.html", "/favicon.ico", "/robots.txt", "/swagger", "/openapi/v1.json", "/debug/pprof", "/phone", "/phone/info", "/v1/realtime", "/media-stream/x",
        "/incoming-call/x", "/admin", "/appsettings.json",
    ];

    private readonly EmbeddedRedis _redis = new();
    private readonly int _management = LoopbackPort.Free();

    public void Dispose() => _redis.Dispose();

    [Theory]
    [InlineData(Webhook, "POST /incoming-call", "POST /stream-ended/1", "POST /stream-ended/1/rescue", "POST /stream-status/1")]
    [InlineData(MediaBridge, "GET /media-stream")]
    public async Task World_SeesTwiliosPathsAndHealth_AndNothingElse(string project, params string[] paths)
    {
        await using var service = await StartAsync(project);
        var (world, _) = Addresses(service);

        foreach (var path in Strange)
        {
            Assert.Equal((path, HttpStatusCode.NotFound, NotFound), await AskAsync(service, HttpMethod.Get, world, path));
            Assert.Equal((path, HttpStatusCode.NotFound, NotFound), await AskAsync(service, HttpMethod.Post, world, path));
            Assert.Equal((path, HttpStatusCode.NotFound, NotFound), await AskAsync(service, HttpMethod.Post, world, path, $"127.0.0.1:{_management}"));
        }

        Assert.Equal(("/health", HttpStatusCode.OK, "Healthy"), await AskAsync(service, HttpMethod.Get, world, "/health"));
        Assert.Equal(("/alive", HttpStatusCode.OK, "Healthy"), await AskAsync(service, HttpMethod.Get, world, "/alive"));
        foreach (var path in paths.Select(path => path.Split(' ')))
        {
            var (_, status, text) = await AskAsync(service, new HttpMethod(path[0]), world, path[1]);
            Assert.NotEqual(HttpStatusCode.NotFound, status);
            Assert.Equal(RefusalBody.Of(status), text);
        }
    }

    [Theory]
    [InlineData(Webhook)]
    [InlineData(MediaBridge)]
    public async Task Operator_SeesHealth_AndNoneOfTwiliosPaths(string project)
    {
        await using var service = await StartAsync(project);
        var (world, management) = Addresses(service);

        foreach (var path in (string[])["/", "/incoming-call", "/stream-ended", "/stream-status", "/media-stream"])
        {
            Assert.Equal((path, HttpStatusCode.NotFound, NotFound), await AskAsync(service, HttpMethod.Get, management, path));
            Assert.Equal((path, HttpStatusCode.NotFound, NotFound), await AskAsync(service, HttpMethod.Post, management, path));
            Assert.Equal((path, HttpStatusCode.NotFound, NotFound), await AskAsync(service, HttpMethod.Post, management, path, world.Authority));
        }

        Assert.Equal(("/health", HttpStatusCode.OK, "Healthy"), await AskAsync(service, HttpMethod.Get, management, "/health"));
        Assert.Equal(("/alive", HttpStatusCode.OK, "Healthy"), await AskAsync(service, HttpMethod.Get, management, "/alive"));
    }

    [Fact]
    public async Task Operator_DrainsTheBridge()
    {
        await using var bridge = await StartAsync(MediaBridge);
        var (world, management) = Addresses(bridge);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await AskAsync(bridge, HttpMethod.Get, management, "/drain")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(bridge, HttpMethod.Get, world, "/health")).Status);
        Assert.Equal(("/room", HttpStatusCode.OK, """{"calls":0,"room":20}"""), await AskAsync(bridge, HttpMethod.Get, management, "/room"));

        Assert.Equal(("/drain", HttpStatusCode.OK, """{"calls":0}"""), await AskAsync(bridge, HttpMethod.Post, management, "/drain"));
        Assert.Equal(("/drain", HttpStatusCode.OK, """{"calls":0}"""), await AskAsync(bridge, HttpMethod.Post, management, "/drain"));

        Assert.Equal(("/room", HttpStatusCode.OK, """{"calls":0,"room":0}"""), await AskAsync(bridge, HttpMethod.Get, management, "/room"));
        Assert.Equal(("/health", HttpStatusCode.ServiceUnavailable, "Degraded"), await AskAsync(bridge, HttpMethod.Get, world, "/health"));
        Assert.Equal(("/alive", HttpStatusCode.OK, "Healthy"), await AskAsync(bridge, HttpMethod.Get, world, "/alive"));
    }

    [Fact]
    public async Task Nobody_Drains_WithoutAManagementPort()
    {
        await using var bridge = await RunningService.StartAsync(MediaBridge, Settings());
        await bridge.ReadyAsync();

        Assert.Equal(("/drain", HttpStatusCode.NotFound, NotFound), await AskAsync(bridge, HttpMethod.Post, bridge.Addresses.Single(), "/drain"));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(bridge, HttpMethod.Get, bridge.Addresses.Single(), "/health")).Status);
    }

    private async Task<RunningService> StartAsync(string project)
    {
        var settings = Settings();
        settings["MANAGEMENT_PORT"] = $"{_management}";
        settings["ASPNETCORE_URLS"] += $";http://127.0.0.1:{_management}";
        var service = await RunningService.StartAsync(project, settings);
        await service.ReadyAsync();
        return service;
    }

    private Dictionary<string, string> Settings() => new()
    {
        ["TWILIO_AUTH_TOKEN"] = "12345",
        ["PUBLIC_URL"] = "https://voice.example",
        ["ConnectionStrings__redis"] = _redis.ConnectionString,
        ["OPENAI_API_KEY"] = "test-key",
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
    };

    private (Uri World, Uri Management) Addresses(RunningService service) =>
        (service.Addresses.Single(address => address.Port != _management), service.Addresses.Single(address => address.Port == _management));

    private static async Task<(string Path, HttpStatusCode Status, string Text)> AskAsync(
        RunningService service, HttpMethod method, Uri address, string path, string? host = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(address.GetLeftPart(UriPartial.Authority) + path)) { Headers = { Host = host } };
        using var response = await service.Client.SendAsync(request, TestTimeout.Token);
        Assert.Empty(response.Headers.Server);
        return (path, response.StatusCode, await response.Content.ReadAsStringAsync(TestTimeout.Token));
    }
}
