using VoiceAssistant.Local;
using VoiceAssistant.Local.Chaos;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>What the executable holds on to after many calls, and in a long one.</summary>
[Trait("Proves", "R21")]
public sealed class SoakTests : IAsyncLifetime
{
    private const int Calls = 60;

    // Six minutes: turns of four seconds.
    private const int Turns = 90;
    private const int FramesOfTurn = 200;

    // Of a call its token is kept for two minutes, and the timer of one whose caller was lost: seen were 200 KB. One that is held on to has 14 KB, which are 800.
    private const long MaxGrowth = 512 * 1024;

    // A reading that is lower by this shows that some of the calls were still held.
    private const long Shrunk = 32 * 1024;
    private const int SameReadings = 4;

    // The pool's, which come and go as the machine is busy.
    private const int MoreThreads = 10;

    private readonly EmbeddedRedis _redis = new();
    private readonly HeapGauge _heap = new();
    private FakeRealtimeServer _model = null!;
    private WebhookHost _webhook = null!;
    private RunningService _bridge = null!;
    private Footprint _fresh;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeRealtimeServer.StartAsync();
        _webhook = await WebhookHost.StartAsync(_redis.ConnectionString);
        _bridge = await RunningService.StartBridgeAsync(_redis.ConnectionString, _model.Url, _heap.Settings);
        _fresh = Footprint.Of(_bridge.ProcessId);
    }

    public async ValueTask DisposeAsync()
    {
        await _bridge.DisposeAsync();
        await _webhook.DisposeAsync();
        await _model.DisposeAsync();
        _heap.Dispose();
        _redis.Dispose();
    }

    [Fact]
    public async Task Bridge_HoldsNoMore_AfterTheSameCallsOnceMore()
    {
        await CallManyAsync();
        await IdleAsync();
        var (heap, threads) = (await SettledHeapAsync(), Footprint.Of(_bridge.ProcessId).Threads);

        await CallManyAsync();
        await IdleAsync();

        Assert.InRange(await SettledHeapAsync() - heap, long.MinValue, MaxGrowth);
        Assert.InRange(Footprint.Of(_bridge.ProcessId).Threads, 0, threads + MoreThreads);
        _bridge.Terminate();
        Assert.Contains("of 0 calls 0 ended by themselves", (await _bridge.ExitAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bridge_HoldsNoMore_InTheCourseOfALongCall()
    {
        var call = await CallAsync();
        await ConverseAsync(call, 0, Turns / 3);
        var heap = await _heap.ReadAsync(_bridge);

        await ConverseAsync(call, Turns / 3, Turns);

        Assert.InRange(await _heap.ReadAsync(_bridge) - heap, long.MinValue, MaxGrowth);
        await call.Stream.StopAsync();
    }

    private async Task CallManyAsync()
    {
        for (var number = 0; number < Calls; number++)
        {
            await using var call = await CallAsync();
            await ConverseAsync(call, 0, 2, frames: 10);
            await EndAsync(call, number);
        }
    }

    /// <summary>In the ways in which calls end, one after the other.</summary>
    private async Task EndAsync(BridgeCall call, int number)
    {
        switch (number % 4)
        {
            case 0:
                await call.Stream.StopAsync();
                break;
            case 1:
                await call.Model.StartResponseAsync("resp_x");
                await call.Model.SayAsync("x", "One two three", new byte[8000]);
                await call.Stream.ReceiveAudioAsync();
                await call.Model.SpeechStartedAsync();
                await call.Stream.CloseAsync();
                break;
            case 2:
                call.Stream.Abort();
                break;
            default:
                await call.Model.CloseAsync();
                var next = await _model.AcceptNextAsync();
                await call.Stream.StopAsync();
                await next.Ended;
                break;
        }

        await call.Model.Ended;
    }

    private static async Task ConverseAsync(BridgeCall call, int from, int to, int frames = FramesOfTurn)
    {
        for (var turn = from; turn < to; turn++)
        {
            for (var frame = 0; frame < frames; frame++)
            {
                await call.Stream.SendMediaAsync(20L * ((turn * frames) + frame), new byte[160]);
                await call.Model.ReceiveAsync("input_audio_buffer.append");
            }

            await call.Model.HearAsync($"user_{turn}", $"What is {turn}?");
            await call.Model.AnswerAsync(call.Stream, $"{turn}", $"It is {turn}, and that is a number.");
        }
    }

    private Task<BridgeCall> CallAsync() => BridgeCall.PlaceAsync(_webhook, _bridge, _model);

    /// <returns>What is held when it has stopped to shrink: the last calls' timers go off some seconds after their sockets are closed.</returns>
    private async Task<long> SettledHeapAsync()
    {
        var lowest = await _heap.ReadAsync(_bridge);
        for (var same = 0; same < SameReadings;)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TestTimeout.Token);
            var heap = await _heap.ReadAsync(_bridge);
            same = heap < lowest - Shrunk ? 0 : same + 1;
            lowest = Math.Min(lowest, heap);
        }

        return lowest;
    }

    /// <returns>Completes when no socket is left that was not there before the first call.</returns>
    private async Task IdleAsync()
    {
        for (var end = TestTimeout.Token; Footprint.Of(_bridge.ProcessId).Sockets > _fresh.Sockets;)
        {
            await Task.Delay(100, end);
        }
    }
}
