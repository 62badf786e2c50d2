using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Local.Chaos;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>A caller who talks over the assistant while Twilio and the model are far away: every way takes 0.1 to 0.3 s, never the same.</summary>
[Trait("Proves", "R24")]
public sealed class LatencyTests : IAsyncDisposable
{
    private const int Pieces = 3;

    private static readonly Weather Far = new() { Latency = TimeSpan.FromMilliseconds(100), Jitter = TimeSpan.FromMilliseconds(200) };

    private static readonly TimeSpan LongestWay = Far.Latency + Far.Jitter;

    // Longer than the caller's voice is on its way and the answer to it, so that no other mark is due meanwhile.
    private static readonly TimeSpan Piece = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();
    private readonly NetworkClock _network = new();
    private FakeRealtimeServer _server = null!;
    private BridgeHost _bridge = null!;
    private ChaosProxy _toModel = null!;
    private ChaosProxy _toBridge = null!;
    private FakeTwilioStream _caller = null!;
    private FakeRealtimeSession _model = null!;

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _toBridge.DisposeAsync();
        await _bridge.DisposeAsync();
        await _toModel.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Assistant_Stops_AsSoonAsTheWayAllows_AndKnowsWhatWasHeard(int seed)
    {
        await StartAsync(new Random(seed));
        await InterruptAsync("1");
        await InterruptAsync("2");
    }

    private async Task InterruptAsync(string id)
    {
        await _model.StartResponseAsync($"resp_{id}");
        for (var piece = 0; piece < Pieces; piece++)
        {
            await SpeakAsync(id);
        }

        // Nothing of the answer before it comes any more.
        var marks = new List<string>();
        for (var piece = 0; piece < Pieces; piece++)
        {
            var (audio, mark) = await ArriveAsync(_caller.ReceiveAudioAsync());
            Assert.Equal(Audio(id), audio);
            marks.Add(mark);
            // In however many parts a piece came, each its own time: who says nothing for 5 s is gone.
            await SayAsync("QQ==");
        }

        Pass(Piece);
        var heardAt = _network.GetUtcNow();
        await _caller.ReturnMarkAsync(marks[0]);
        await SayAsync("Qg==");

        // Nothing else is under way now.
        var spokeAt = _network.GetUtcNow();
        await SayAsync("Qw==");
        await _model.SpeechStartedAsync();
        await SpeakAsync(id);
        Assert.Equal("clear", (string?)(await ArriveAsync(_caller.ReceiveAsync(), isForBridge: false))?["event"]);

        // To the model, back from there, and nothing besides: the bridge's own time has stood still since, so it has waited for nothing. Before
        // this thread knows it, what the bridge sent next may have arrived at the model.
        Assert.InRange(_network.GetUtcNow() - spokeAt, TimeSpan.Zero, 5 * LongestWay);
        var heard = Piece + (_network.GetUtcNow() - heardAt);

        // What Twilio then threw away comes back as if it had been played.
        await _caller.ReturnMarkAsync(marks[1]);
        await _caller.ReturnMarkAsync(marks[2]);
        var truncated = await ArriveAsync(_model.ReceiveAsync("conversation.item.truncate"));
        Assert.Equal($"item_{id}", (string?)truncated["item_id"]);
        Assert.InRange((int)truncated["audio_end_ms"]!, Piece.TotalMilliseconds, heard.TotalMilliseconds);
        await _model.EndResponseAsync($"resp_{id}", "cancelled");
    }

    private async Task StartAsync(Random random)
    {
        _server = await FakeRealtimeServer.StartAsync();
        _toModel = new ChaosProxy(new IPEndPoint(IPAddress.Loopback, new Uri(_server.Url).Port), _network, random);
        _bridge = await BridgeHost.StartAsync($"ws://{_toModel.EndPoint}/v1/realtime", _time);
        _toBridge = new ChaosProxy(new IPEndPoint(IPAddress.Loopback, new Uri(_bridge.Url).Port), _network, random);
        _caller = await FakeTwilioStream.ConnectAsync($"ws://{_toBridge.EndPoint}{StreamEndpoints.MediaStream}");
        await _caller.StartAsync(await _bridge.IssueTokenAsync());
        _model = await _server.AcceptConfiguredAsync();
        (_toModel.Weather, _toBridge.Weather) = (Far, Far);
    }

    private Task SpeakAsync(string id) => _model.SendDeltaAsync($"resp_{id}", $"item_{id}", Audio(id));

    /// <summary>Returns when the model has heard it, and so the bridge all that the caller's side sent before.</summary>
    /// <remarks>Without a timestamp, which would have the bridge fill the pauses behind it.</remarks>
    private async Task SayAsync(string base64)
    {
        await _caller.SendAsync($$$"""{"event":"media","streamSid":"{{{FakeTwilioStream.StreamSid}}}","media":{"payload":"{{{base64}}}"}}""");
        Assert.Equal(base64, (string?)(await ArriveAsync(_model.ReceiveAsync("input_audio_buffer.append")))["audio"]);
    }

    /// <summary>Lets as much time pass as what is under way needs until this has come; for the bridge, too, unless it is to do its part at once.</summary>
    private async Task<T> ArriveAsync<T>(Task<T> arriving, bool isForBridge = true)
    {
        for (var end = TestTimeout.Token; await Task.WhenAny(arriving, _network.WaitToArriveAsync(end)) != arriving;)
        {
            end.ThrowIfCancellationRequested();
            Pass(_network.TakeArrival(), isForBridge);
        }

        return await arriving;
    }

    // The bridge's first: what then arrives there finds it in time.
    private void Pass(TimeSpan time, bool isForBridge = true)
    {
        _time.Advance(isForBridge ? time : TimeSpan.Zero);
        _network.Advance(time);
    }

    private static byte[] Audio(string id)
    {
        var audio = new byte[(int)Piece.TotalMilliseconds * 8];
        Array.Fill(audio, (byte)id[0]);
        return audio;
    }

    /// <summary>Has no timers but those of what is under way, and knows when that arrives.</summary>
    private sealed class NetworkClock : FakeTimeProvider
    {
        private readonly Channel<DateTimeOffset> _arrivals = Channel.CreateUnbounded<DateTimeOffset>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var arrival = GetUtcNow() + dueTime;
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _arrivals.Writer.TryWrite(arrival);
            return timer;
        }

        public Task<bool> WaitToArriveAsync(CancellationToken cancellationToken) => _arrivals.Reader.WaitToReadAsync(cancellationToken).AsTask();

        /// <returns>How long it still takes; not at all, where it came along with another.</returns>
        public TimeSpan TakeArrival() => _arrivals.Reader.TryRead(out var arrival) && arrival > GetUtcNow() ? arrival - GetUtcNow() : TimeSpan.Zero;
    }
}
