using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Local;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>The media bridge as it runs, on loopback, with Redis in process and the test's model and clock.</summary>
internal sealed class BridgeHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<TwilioStream, bool> _streams = new();
    private EmbeddedRedis? _redis = new();
    private int _tokens;

    private BridgeHost(
        string realtimeUrl, TimeProvider time, IEnumerable<KeyValuePair<string, string?>>? settings, Action<ConfigurationOptions>? redis, string environment)
    {
        RedisConnectionString = _redis.ConnectionString;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(Log).SetMinimumLevel(LogLevel.Trace);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:redis"] = RedisConnectionString,
            ["TWILIO_AUTH_TOKEN"] = "12345",
            ["PUBLIC_URL"] = "http://localhost",
            ["OPENAI_API_KEY"] = "test-key",
            ["REALTIME_URL"] = realtimeUrl,
            // Sessions come when a call does.
            ["WARM_SESSIONS"] = "0",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Services.AddSingleton(time is FakeTimeProvider ? new UnhurriedClock(time) : time);
        builder.Services.PostConfigure<ConfigurationOptions>(options =>
        {
            TestRedis.BePatient(options);
            redis?.Invoke(options);
        });

        builder.AddServiceDefaults();
        builder.AddStreams();
        builder.AddRealtime();
        builder.AddRelay();
        builder.Services.AddSingleton<MediaStreamDelegate>(services =>
            (stream, admitted) => ConverseAsync(services.GetRequiredService<CallRelay>(), stream, admitted));

        _app = builder.Build();
        _app.UseBasePaths();
        _app.MapDefaultEndpoints();
        _app.MapRoom();
        _app.MapStreams();
    }

    public LogRecorder Log { get; } = new();

    public IServiceProvider Services => _app.Services;

    public IMeterFactory Meters => Services.GetRequiredService<IMeterFactory>();

    public HttpClient Client { get; } = new() { Timeout = TestTimeout.Value };

    public string Url => _app.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal) + StreamEndpoints.MediaStream;

    public string RedisConnectionString { get; }

    public IDatabase Redis => _app.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

    /// <param name="realtimeUrl">Where the model is.</param>
    /// <param name="time">The bridge's clock; null: one that stands still, so that nobody is given up because the machine is busy.</param>
    /// <param name="settings">Besides those that every bridge needs.</param>
    /// <param name="redis">Where the bridge is to be less patient with Redis.</param>
    /// <param name="environment">The host's.</param>
    public static async Task<BridgeHost> StartAsync(
        string realtimeUrl,
        TimeProvider? time = null,
        IEnumerable<KeyValuePair<string, string?>>? settings = null,
        Action<ConfigurationOptions>? redis = null,
        string environment = "Local")
    {
        var host = new BridgeHost(realtimeUrl, time ?? new FakeTimeProvider(), settings, redis, environment);
        await host._app.StartAsync();
        host.Client.BaseAddress = new Uri(host._app.Urls.Single());
        return host;
    }

    /// <returns>A token as the webhook issues it, but any number of them for a call, each newer than those before.</returns>
    public async Task<string> IssueTokenAsync(string callSid = FakeTwilioStream.CallSid)
    {
        var token = StreamToken.Create();
        var grant = TestGrant.Of(callSid) with { Sequence = Interlocked.Increment(ref _tokens), TraceParent = Activity.Current?.Id };
        // What became of the call before is another test's.
        await Redis.KeyDeleteAsync([CallRecords.Key(callSid), Conversations.Key(callSid)]);
        await Redis.StringSetAsync(
            StreamToken.Key(token), JsonSerializer.SerializeToUtf8Bytes(grant, StreamGrantJson.Default.StreamGrant), StreamToken.Lifetime);
        return token;
    }

    /// <returns>
    /// Completes when, since time has last passed, the bridge has heard something of every caller that it has, and is through with what it
    /// sent before: whoever reads that may be faster than the thread that sends it.
    /// </returns>
    public async Task HeardAsync()
    {
        for (var end = TestTimeout.Token; _streams.Keys.Any(stream => stream.Silent > TimeSpan.Zero || stream.Stalled > TimeSpan.Zero);)
        {
            await Task.Delay(1, end);
        }
    }

    /// <returns>Completes when the bridge is through with every stream, also with what it writes down of it: that would be found by the next of the same call.</returns>
    public async Task IdleAsync()
    {
        var gates = Services.GetRequiredService<StreamGates>();
        for (var end = TestTimeout.Token; gates.HasSockets;)
        {
            await Task.Delay(1, end);
        }
    }

    public Task StopAsync() => _app.StopAsync(TestTimeout.Token);

    public void StopRedis()
    {
        _redis?.Dispose();
        _redis = null;
    }

    /// <returns>A stream that has presented its token.</returns>
    public async Task<FakeTwilioStream> CallAsync(string callSid = FakeTwilioStream.CallSid)
    {
        var stream = await FakeTwilioStream.ConnectAsync(Url);
        await stream.StartAsync(await IssueTokenAsync(callSid), callSid);
        return stream;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        StopRedis();
    }

    private async Task<bool> ConverseAsync(CallRelay relay, TwilioStream stream, AdmittedStream admitted)
    {
        _streams[stream] = true;
        try
        {
            return await relay.RunAsync(stream, admitted);
        }
        finally
        {
            _streams.TryRemove(stream, out _);
        }
    }
}
