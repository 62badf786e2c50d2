using System.Net;
using System.Net.Sockets;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults;

/// <summary>A collector that takes connections and never answers: whoever waits for it waits for ever.</summary>
[Trait("Proves", "R29")]
public sealed class CollectorTests : IAsyncLifetime
{
    // The path is in what is told of a request, 14 KB each: 2048 in the queue are 30 MB, all of them 130 and more.
    private const int PathLength = 7000;
    private const int Warm = 3000;
    private const int Requests = 8000;
    private const long MaxGrowth = 60 * 1024 * 1024;

    private readonly EmbeddedRedis _redis = new();
    private readonly TcpListener _collector = new(IPAddress.Loopback, 0);

    // Without a trace of its own: such a request is not noted where it is refused.
    private readonly HttpClient _stranger = new(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { Timeout = TestTimeout.Value };
    private FakeRealtimeServer _model = null!;
    private WebhookHost _webhook = null!;
    private RunningService _bridge = null!;

    public async ValueTask InitializeAsync()
    {
        _collector.Start();
        _model = await FakeRealtimeServer.StartAsync();
        _webhook = await WebhookHost.StartAsync(_redis.ConnectionString);
        _bridge = await RunningService.StartBridgeAsync(
            _redis.ConnectionString, _model.Url,
            new("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://{_collector.LocalEndpoint}"), new("OTEL_BSP_SCHEDULE_DELAY", "100"), new("OTEL_BLRP_SCHEDULE_DELAY", "100"));
    }

    public async ValueTask DisposeAsync()
    {
        _stranger.Dispose();
        await _bridge.DisposeAsync();
        await _webhook.DisposeAsync();
        await _model.DisposeAsync();
        _collector.Dispose();
        _redis.Dispose();
    }

    [Fact]
    public async Task Calls_GoOn_AndNoMorePilesUpThanTheQueuesTake()
    {
        await FloodAsync(Warm);
        using var export = await ExportAsync();
        await using var call = await CallAsync();
        await ConverseAsync(call);

        var before = _bridge.Memory;
        var flooding = FloodAsync(Requests);
        while (!flooding.IsCompleted)
        {
            await ConverseAsync(call);
        }

        await flooding;
        Assert.InRange(_bridge.Memory - before, long.MinValue, MaxGrowth);
        await using var next = await CallAsync();
        await ConverseAsync(next);
    }

    [Fact]
    public async Task Service_Stops_ThoughNobodyTakesWhatIsLeftToExport()
    {
        using var export = await ExportAsync();

        _bridge.Terminate();

        Assert.Equal(0, (await _bridge.ExitAsync()).Code);
    }

    /// <returns>Where something is being exported, and waits for an answer.</returns>
    private async Task<Socket> ExportAsync()
    {
        var export = await _collector.AcceptSocketAsync(TestTimeout.Token);
        Assert.NotEqual(0, await export.ReceiveAsync(new byte[1], TestTimeout.Token));
        return export;
    }

    private Task<BridgeCall> CallAsync() => BridgeCall.PlaceAsync(_webhook, _bridge, _model);

    private static async Task ConverseAsync(BridgeCall call)
    {
        var frame = new byte[160];
        await call.Stream.SendMediaAsync(0, frame);
        await call.Model.ReceiveAsync("input_audio_buffer.append");
        await call.Model.SendDeltaAsync("resp_1", "item_1", frame);
        byte[] heard;
        do
        {
            // Where the machine is busy, the bridge may have asked for a moment's patience before.
            (heard, var mark) = await call.Stream.ReceiveAudioAsync();
            await call.Stream.ReturnMarkAsync(mark);
        }
        while (heard.Length != frame.Length);

        Assert.Equal(frame, heard);
    }

    private async Task FloodAsync(int count)
    {
        var path = new string('x', PathLength);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, cancellationToken) =>
        {
            // Each its own: Kestrel keeps one that comes again.
            using var response = await _stranger.GetAsync(new Uri(_bridge.Addresses[0], $"/{number}/{path}"), cancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        });
    }
}
