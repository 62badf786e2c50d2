using System.Diagnostics;
using System.Net;
using VoiceAssistant.Local.Chaos;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>Real calls, real time, and a network between bridge and model that breaks at random moments.</summary>
[Trait("Proves", "R1")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Calls = 5;
    private const int Breaks = 20;

    [Fact]
    public async Task EveryCall_GoesOn_HoweverOftenTheModelIsLost()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var model = await FakeRealtimeServer.StartAsync();
        using var stopping = new CancellationTokenSource();
        var echoing = EchoAllAsync(model, stopping.Token);
        await using var proxy = new ChaosProxy(new IPEndPoint(IPAddress.Loopback, new Uri(model.Url).Port), TimeProvider.System, random);
        // How often a session may be lost in a row is another test's.
        await using var bridge = await BridgeHost.StartAsync($"ws://{proxy.EndPoint}/v1/realtime", new PatientClock(), [new("GREETING", "")]);
        var recoveries = new List<double>();

        for (var round = 0; round < Breaks / 4; round++)
        {
            var calls = await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => EchoedCall.StartAsync(bridge, $"CA{(round * Calls) + i:x32}")));
            for (var i = 0; i < Breaks / (Breaks / 4); i++)
            {
                await Task.WhenAll(calls.Select(call => call.HearAsync()));
                await Task.Delay(random.Next(200), TestTimeout.Token);
                var reset = Stopwatch.GetTimestamp();
                proxy.Reset();
                await Task.WhenAll(calls.Select(async call =>
                {
                    await call.HearAsync();
                    lock (recoveries)
                    {
                        recoveries.Add(Stopwatch.GetElapsedTime(reset).TotalSeconds);
                    }
                }));
            }

            foreach (var call in calls)
            {
                await call.DisposeAsync();
            }
        }

        recoveries.Sort();
        output.WriteLine($"{recoveries.Count} recoveries: median {recoveries[recoveries.Count / 2]:0.00} s, 95 % within {recoveries[(int)(recoveries.Count * 0.95)]:0.00} s, slowest {recoveries[^1]:0.00} s");
        await stopping.CancelAsync();
        await echoing;
    }

    /// <summary>A model that repeats every frame, in whichever session.</summary>
    private static async Task EchoAllAsync(FakeRealtimeServer model, CancellationToken stopping)
    {
        var sessions = new List<Task>();
        while (!stopping.IsCancellationRequested)
        {
            var accepting = model.AcceptAsync();
            await Task.WhenAny(accepting, Task.Delay(Timeout.Infinite, stopping));
            if (accepting.IsCompletedSuccessfully)
            {
                sessions.Add(EchoAsync(await accepting));
            }
        }

        static async Task EchoAsync(FakeRealtimeSession session)
        {
            try
            {
                while (await session.ReceiveAsync() is var @event)
                {
                    switch ((string?)@event["type"])
                    {
                        case "session.update":
                            await session.SendAsync("""{"type":"session.updated","event_id":"e","session":{"type":"realtime"}}""");
                            break;
                        case "input_audio_buffer.append":
                            await session.SendDeltaAsync("resp_1", "item_1", Convert.FromBase64String((string)@event["audio"]!));
                            break;
                    }
                }
            }
            catch (Exception exception) when (exception is System.Threading.Channels.ChannelClosedException or System.Net.WebSockets.WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The network broke, or the bridge has left.
            }
        }
    }

    /// <summary>A caller who counts aloud, and listens for a number that was said after they began to listen.</summary>
    private sealed class EchoedCall : IAsyncDisposable
    {
        private readonly FakeTwilioStream _caller;
        private readonly CancellationTokenSource _over = new();
        private readonly Task _speaking;
        private int _said;

        private EchoedCall(FakeTwilioStream caller)
        {
            _caller = caller;
            _speaking = SpeakAsync();
        }

        public static async Task<EchoedCall> StartAsync(BridgeHost bridge, string callSid) => new(await bridge.CallAsync(callSid));

        public async Task HearAsync()
        {
            var since = Volatile.Read(ref _said);
            while (true)
            {
                var message = await _caller.ReceiveAsync();
                Assert.NotNull(message);
                if ((string?)message["event"] is "mark")
                {
                    await _caller.ReturnMarkAsync((string)message["mark"]!["name"]!);
                }
                else if (Convert.FromBase64String((string)message["media"]!["payload"]!) is { Length: 160 } audio && BitConverter.ToInt32(audio) > since)
                {
                    // Its mark follows.
                    await _caller.ReturnMarkAsync((string)(await _caller.ReceiveAsync())!["mark"]!["name"]!);
                    return;
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _over.CancelAsync();
            await _speaking;
            await _caller.StopAsync();
            await _caller.DisposeAsync();
            _over.Dispose();
        }

        // Also while another call is waited for: who sends nothing for 5 s is gone. What was lost with a connection is lost, so numbers must follow.
        private async Task SpeakAsync()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            try
            {
                while (await timer.WaitForNextTickAsync(_over.Token))
                {
                    var said = Interlocked.Increment(ref _said);
                    await _caller.SendMediaAsync(20L * said, Enumerable.Repeat(BitConverter.GetBytes(said), 40).SelectMany(bytes => bytes).ToArray());
                }
            }
            catch (OperationCanceledException)
            {
                // The call is over.
            }
        }
    }
}
