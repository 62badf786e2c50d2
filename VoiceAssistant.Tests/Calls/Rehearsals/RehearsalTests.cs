using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using VoiceAssistant.Calls.Rehearsals;
using VoiceAssistant.Local;
using VoiceAssistant.MediaBridge.Rehearsals;
using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Webhook.Rehearsals;

namespace VoiceAssistant.Tests.Calls.Rehearsals;

[Trait("Proves", "R35")]
public sealed class RehearsalTests : IAsyncLifetime
{
    private readonly EmbeddedRedis _server = new();
    private readonly LogRecorder _log = new();
    private RecordingProxy _proxy = null!;
    private ConnectionMultiplexer _redis = null!;

    public async ValueTask InitializeAsync()
    {
        _proxy = new RecordingProxy(_server.ConnectionString);
        _redis = await ConnectionMultiplexer.ConnectAsync(TestRedis.Patient(_proxy.ConnectionString));
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        _proxy.Dispose();
        _server.Dispose();
    }

    [Theory]
    [InlineData(true, "/incoming-call", "/room", "/stream-ended/1", "/stream-status/1")]
    [InlineData(false, "/media-stream", "/model")]
    public async Task Call_IsHeldToItsEnd_AndLeavesNothing(bool isWebhook, params string[] paths)
    {
        var play = new PatientPlay(isWebhook ? new WebhookPlay() : new BridgePlay());

        await RehearsalOf(play).RunAsync(TestTimeout.Token);

        Assert.Equal(3, play.Held);
        Assert.Equal(paths, play.Paths.Distinct().Order(StringComparer.Ordinal));
        // Each call's token is used, and nobody's when the rehearsed service starts.
        Assert.Equal(3 + 1, _proxy.Count("GETDEL"));
        Assert.Equal(0, await _redis.GetServers().Single().DatabaseSizeAsync());
        // Also for a moment, as calls of a full line would have been turned away meanwhile.
        Assert.Equal(0, _proxy.Count("\r\nva:calls\r\n"));
        Assert.InRange(_proxy.Count("\r\nva:rehearsal:"), 1, int.MaxValue);
    }

    [Fact]
    public async Task Start_GoesOn_WhereTheRehearsalFails()
    {
        var play = new TestPlay(() => Task.FromException(new InvalidDataException("The actors are ill.")));

        await using var app = await StartAsync(play);

        Assert.Equal(3, play.Calls);
        Assert.Contains(_log.Lines, line => line.Contains("[RehearsalFailed]", StringComparison.Ordinal) && line.Contains("The actors are ill.", StringComparison.Ordinal));
        Assert.Equal(0, await _redis.GetServers().Single().DatabaseSizeAsync());
    }

    [Fact]
    public async Task Service_DoesNotListen_BeforeTheRehearsalIsOver()
    {
        var begun = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        var url = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        using var http = new HttpClient();

        var starting = StartAsync(new BlockedPlay(() =>
        {
            begun.TrySetResult();
            return end.Task;
        }), url);
        await begun.Task.WaitAsync(TestTimeout.Token);
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri(url, "/health"), TestTimeout.Token));
        end.SetResult();
        await using var app = await starting.WaitAsync(TestTimeout.Token);

        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(refused.InnerException).SocketErrorCode);
        using var health = await http.GetAsync(new Uri(url, "/health"), TestTimeout.Token);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.DoesNotContain(_log.Lines, line => line.Contains("[RehearsalFailed]", StringComparison.Ordinal));
    }

    private Rehearsal RehearsalOf(Play play) => new(
        play, new ServiceCollection().AddSingleton<IConnectionMultiplexer>(_redis).BuildServiceProvider(), LoggerFactory.Create(logging => logging.AddProvider(_log)).CreateLogger<Rehearsal>());

    private async Task<WebApplication> StartAsync(Play play, Uri? url = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"{url ?? new Uri("http://127.0.0.1:0")}");
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.Services.AddSingleton<IConnectionMultiplexer>(_redis);
        builder.AddServiceDefaults();
        builder.AddRehearsal(play);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        await app.StartAsync(TestTimeout.Token);
        return app;
    }

    /// <summary>The same on a clock for a busy machine.</summary>
    private sealed class PatientPlay(Play play) : Play
    {
        public int Held { get; private set; }

        public ConcurrentBag<string> Paths { get; } = [];

        public override Dictionary<string, string?> Settings(Uri url) => play.Settings(url);

        public override void Add(WebApplicationBuilder builder)
        {
            builder.Services.AddSingleton<TimeProvider>(new PatientClock());
            play.Add(builder);
        }

        public override void Map(WebApplication app)
        {
            app.Use(next => http =>
            {
                Paths.Add($"{http.Request.Path}");
                return next(http);
            });
            play.Map(app);
        }

        public override async Task CallAsync(RehearsalStage stage, CancellationToken cancellationToken)
        {
            await play.CallAsync(stage, cancellationToken);
            Held++;
        }
    }

    private class TestPlay(Func<Task> call) : Play
    {
        public int Calls { get; private set; }

        public override Dictionary<string, string?> Settings(Uri url) => [];

        public override void Add(WebApplicationBuilder builder) => new WebhookPlay().Add(builder);

        public override void Map(WebApplication app)
        {
        }

        public override Task CallAsync(RehearsalStage stage, CancellationToken cancellationToken)
        {
            Calls++;
            return call();
        }
    }

    // A type of its own, as a process rehearses each once.
    private sealed class BlockedPlay(Func<Task> call) : TestPlay(call);
}
