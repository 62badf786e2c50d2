using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using VoiceAssistant.Calls.WarmUps;
using VoiceAssistant.Local;
using VoiceAssistant.MediaBridge.WarmUps;
using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Webhook.WarmUps;

namespace VoiceAssistant.Tests.Calls.WarmUps;

[Trait("Proves", "R35")]
public sealed class WarmUpTests : IAsyncLifetime
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
        var warmUp = new PatientWarmUp(isWebhook ? new WebhookWarmUp() : new BridgeWarmUp());

        await ServiceOf(warmUp).RunAsync(TestTimeout.Token);

        Assert.Equal(3, warmUp.Held);
        Assert.Equal(paths, warmUp.Paths.Distinct().Order(StringComparer.Ordinal));
        // Each call's token is used, and one that nobody has when the second service starts.
        Assert.Equal(3 + 1, _proxy.Count("GETDEL"));
        Assert.Equal(0, await _redis.GetServers().Single().DatabaseSizeAsync());
        // Also for a moment, as calls of a full line would have been turned away meanwhile.
        Assert.Equal(0, _proxy.Count("\r\nva:calls\r\n"));
        Assert.InRange(_proxy.Count("\r\nva:warmup:"), 1, int.MaxValue);
    }

    [Fact]
    public async Task Start_GoesOn_WhereTheWarmUpFails()
    {
        var warmUp = new TestWarmUp(() => Task.FromException(new InvalidDataException("The warm-up is broken.")));

        await using var app = await StartAsync(warmUp);

        Assert.Equal(3, warmUp.Calls);
        Assert.Contains(_log.Lines, line => line.Contains("[WarmUpFailed]", StringComparison.Ordinal) && line.Contains("The warm-up is broken.", StringComparison.Ordinal));
        Assert.Equal(0, await _redis.GetServers().Single().DatabaseSizeAsync());
    }

    [Fact]
    public async Task Start_TellsTheCallsOwnFault_WhereRedisIsAwayToo()
    {
        var warmUp = new TestWarmUp(async () =>
        {
            await _redis.DisposeAsync();
            throw new InvalidDataException("The warm-up is broken.");
        });

        await Assert.ThrowsAsync<InvalidDataException>(() => ServiceOf(warmUp).RunAsync(TestTimeout.Token));
    }

    // A warm-up that a signal ended would be told as a fault, of a service that was only stopped.
    [Fact]
    public async Task Signal_StopsTheService_AndNotTheWarmUpItself()
    {
        var warmUp = new TestWarmUp(() => Task.CompletedTask);

        await ServiceOf(warmUp).RunAsync(TestTimeout.Token);

        Assert.IsType<StartersLifetime>(warmUp.Lifetime);
    }

    [Fact]
    public async Task Service_DoesNotListen_BeforeTheWarmUpIsOver()
    {
        var begun = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        var url = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        using var http = new HttpClient();

        var starting = StartAsync(new BlockedWarmUp(() =>
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
        Assert.DoesNotContain(_log.Lines, line => line.Contains("[WarmUpFailed]", StringComparison.Ordinal));
    }

    private WarmUpService ServiceOf(WarmUp warmUp) => new(
        warmUp, new ServiceCollection().AddSingleton<IConnectionMultiplexer>(_redis).BuildServiceProvider(), LoggerFactory.Create(logging => logging.AddProvider(_log)).CreateLogger<WarmUpService>());

    private async Task<WebApplication> StartAsync(WarmUp warmUp, Uri? url = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"{url ?? new Uri("http://127.0.0.1:0")}");
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.Services.AddSingleton<IConnectionMultiplexer>(_redis);
        builder.AddServiceDefaults();
        builder.AddWarmUp(warmUp);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        await app.StartAsync(TestTimeout.Token);
        return app;
    }

    /// <summary>The same on a clock for a busy machine.</summary>
    private sealed class PatientWarmUp(WarmUp warmUp) : WarmUp
    {
        public int Held { get; private set; }

        public ConcurrentBag<string> Paths { get; } = [];

        public override Dictionary<string, string?> Settings(Uri url) => warmUp.Settings(url);

        public override void Add(WebApplicationBuilder builder)
        {
            builder.Services.AddSingleton<TimeProvider>(new PatientClock());
            warmUp.Add(builder);
        }

        public override void Map(WebApplication app)
        {
            app.Use(next => http =>
            {
                Paths.Add($"{http.Request.Path}");
                return next(http);
            });
            warmUp.Map(app);
        }

        public override async Task CallAsync(WarmUpContext context, CancellationToken cancellationToken)
        {
            await warmUp.CallAsync(context, cancellationToken);
            Held++;
        }
    }

    private class TestWarmUp(Func<Task> call) : WarmUp
    {
        public int Calls { get; private set; }

        public override Dictionary<string, string?> Settings(Uri url) => [];

        public override void Add(WebApplicationBuilder builder) => new WebhookWarmUp().Add(builder);

        public IHostLifetime? Lifetime { get; private set; }

        public override void Map(WebApplication app) => Lifetime = app.Services.GetRequiredService<IHostLifetime>();

        public override Task CallAsync(WarmUpContext context, CancellationToken cancellationToken)
        {
            Calls++;
            return call();
        }
    }

    // A type of its own, as a process warms up each once.
    private sealed class BlockedWarmUp(Func<Task> call) : TestWarmUp(call);
}
