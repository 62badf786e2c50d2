using System.Text;
using System.Text.Json.Nodes;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>What the model hears: a letter is a frame of the caller's, a dot 20 ms of silence.</summary>
public sealed class CallerAudioTests : IAsyncLifetime
{
    private static readonly string Silent = Convert.ToBase64String([.. Enumerable.Repeat((byte)0xFF, 160)]);

    private readonly StandingClock _time = new();
    private CallerAudio _audio = null!;
    private Model _model = null!;

    public async ValueTask InitializeAsync()
    {
        _audio = new CallerAudio(_time);
        _model = await Model.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _model.DisposeAsync();
        _audio.Dispose();
    }

    [Fact]
    public async Task Frames_AreKeptInOrder_UntilTheModelListens()
    {
        await AppendAsync("abc");
        await ConnectAsync(_model);
        await AppendAsync("de");

        Assert.Equal("abcde", await HeardAsync());
        Assert.Equal(0, _audio.Dropped);
    }

    [Fact]
    public async Task Oldest_AreDropped_BeyondTenSeconds()
    {
        var frames = string.Concat(Enumerable.Range(0, 600).Select(i => (char)('A' + (i % 50))));
        await AppendAsync(frames);
        await ConnectAsync(_model);

        Assert.Equal(frames[100..], await HeardAsync());
        Assert.Equal(100, _audio.Dropped);
    }

    [Fact]
    public async Task Oldest_AreDropped_BeyondTwoSecondsOfAGap()
    {
        await ConnectAsync(_model);
        await _audio.DisconnectAsync(_model.Session);
        var frames = string.Concat(Enumerable.Range(0, 150).Select(i => (char)('A' + (i % 50))));
        await AppendAsync(frames);

        await using var next = await Model.StartAsync();
        await ConnectAsync(next);
        Assert.Equal(frames[50..], await HeardAsync(next));
    }

    [Theory]
    [InlineData("0 20 40", "abc")]
    [InlineData("500 520", "ab")]
    [InlineData("0 40", "a.b")]
    [InlineData("0 39", "ab")]
    [InlineData("0 59", "a.b")]
    [InlineData("0 60", "a..b")]
    [InlineData("0 120 140 180", "a.....bc.d")]
    // What came twice or late is passed on, and no time is missing because of it.
    [InlineData("0 20 20 40", "abcd")]
    [InlineData("0 40 20 60", "a.bcd")]
    [InlineData("100 0 20 120", "abcd")]
    [InlineData("-20 0", "ab")]
    // Where Twilio does not say.
    [InlineData("? ? ?", "abc")]
    [InlineData("0 ? 60", "ab..c")]
    [InlineData("? 1000 1020", "abc")]
    public async Task Gaps_AreFilled_WithExactlyTheMissingFrames(string timestamps, string heard)
    {
        await ConnectAsync(_model);

        var frame = 'a';
        foreach (var timestamp in timestamps.Split(' '))
        {
            await AppendAsync(frame++, timestamp is "?" ? null : long.Parse(timestamp));
        }

        Assert.Equal(heard, await HeardAsync());
    }

    [Fact]
    public async Task Gaps_AreFilled_AlsoBeforeTheModelListens()
    {
        await AppendAsync('a', 0);
        await AppendAsync('b', 60);
        await ConnectAsync(_model);
        await AppendAsync('c', 100);

        Assert.Equal("a..b.c", await HeardAsync());
    }

    [Fact]
    public async Task Gap_IsFilled_UpToFiveSeconds()
    {
        await ConnectAsync(_model);
        await AppendAsync('a', 0);
        await AppendAsync('b', 3_600_000);
        await AppendAsync('c', 3_600_020);

        Assert.Equal($"a{new string('.', 250)}bc", await HeardAsync());
    }

    [Fact]
    public async Task Gap_IsMeasured_FromTheEndOfALongFrame()
    {
        await ConnectAsync(_model);
        await _audio.AppendAsync(0, Encode('a', 1600), 1600, TestTimeout.Token);
        await AppendAsync('b', 200);
        await AppendAsync('c', 240);

        Assert.Equal("ab.c", await HeardAsync());
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue - 10)]
    public async Task Timestamp_IsNoReason_ToFailOrToFillForEver(long timestamp)
    {
        await AppendAsync('a', 0);
        await AppendAsync('b', timestamp);
        await AppendAsync('c', timestamp);
        await AppendAsync('d', timestamp);
        await ConnectAsync(_model);

        Assert.InRange((await HeardAsync()).Length, 4, 4 + 250);
    }

    [Fact]
    public void Silence_IsTwentyMillisecondsOfZero() => Assert.Equal(Silent, Encoding.ASCII.GetString(Silence.FrameBase64));

    [Fact]
    public async Task Pause_IsFilled_WhileNoFramesCome()
    {
        await ConnectAsync(_model);
        await using var filling = await FillPausesAsync();
        await AppendAsync('a', 0);

        // At 750 ms a frame may still be on its way; at 1 s it is missing.
        _time.Advance(TimeSpan.FromMilliseconds(750));
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal("a" + new string('.', 50), await _model.HearAsync(51));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new string('.', 50), await _model.HearAsync(50));

        // The time that was filled is missing no more, in frames that say when they were spoken.
        await AppendAsync('b', 2020);
        await AppendAsync('c', 2080);
        Assert.Equal("b..c", await HeardAsync());
    }

    [Fact]
    public async Task LateFrames_AreNotFilledAgain_AfterAPause()
    {
        await ConnectAsync(_model);
        await using var filling = await FillPausesAsync();
        await AppendAsync('a', 0);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a" + new string('.', 50), await _model.HearAsync(51));

        // Not lost, only held up: they come now, all at once.
        await AppendAsync('b', 20);
        await AppendAsync('c', 40);
        await AppendAsync('d', 1020);

        Assert.Equal("bcd", await HeardAsync());
    }

    [Fact]
    public async Task Pause_IsNotFilled_BeforeTheFirstFrame()
    {
        await ConnectAsync(_model);
        await using var filling = await FillPausesAsync();
        _time.Advance(TimeSpan.FromSeconds(10));

        await AppendAsync('a', 10_000);

        Assert.Equal("a", await HeardAsync());
    }

    [Fact]
    public async Task Filling_Ends_WithTheCall()
    {
        using var call = new CancellationTokenSource();
        var filling = _audio.FillPausesAsync(call.Token);

        await call.CancelAsync();

        await filling.WaitAsync(TestTimeout.Token);
    }

    [Fact]
    public async Task Caller_GoesOn_WhenTheModelIsLost()
    {
        await ConnectAsync(_model);
        await AppendAsync("a");
        Assert.Equal("a", await _model.HearAsync(1));
        _model.Session.Abort();

        await AppendAsync("bcd");

        // One frame finds out; what is said from then on is kept.
        await using var next = await Model.StartAsync();
        await ConnectAsync(next);
        Assert.Equal("cd", await HeardAsync(next));
    }

    [Fact]
    public async Task Caller_GoesOn_WhenTheModelIsLostAmongWhatWasKept()
    {
        await AppendAsync("abcd");
        _model.Session.Abort();
        await ConnectAsync(_model);

        await using var next = await Model.StartAsync();
        await ConnectAsync(next);
        Assert.Equal("bcd", await HeardAsync(next));
    }

    [Fact]
    public async Task Frames_AreKeptAgain_WhenTheModelHasLeft()
    {
        await ConnectAsync(_model);
        await _audio.DisconnectAsync(_model.Session);
        await AppendAsync("ab");

        await using var next = await Model.StartAsync();
        await ConnectAsync(next);
        Assert.Equal("ab", await HeardAsync(next));
    }

    [Fact]
    public async Task NewFrames_Wait_BehindWhatWasKept()
    {
        // More than the sockets take, so that the model is not through with it when the next frame comes.
        var kept = string.Concat(Enumerable.Range(0, 500).Select(i => (char)('A' + (i % 50))));
        foreach (var frame in kept)
        {
            await _audio.AppendAsync(null, Encode(frame, 4096), 4096, TestTimeout.Token);
        }

        var connecting = ConnectAsync(_model);
        var appending = AppendAsync("z");
        Assert.False(connecting.IsCompleted);
        Assert.False(appending.IsCompleted);

        Assert.Equal(kept + "z", await _model.HearAsync(501));
        await connecting;
        await appending;
    }

    [Fact]
    public async Task End_OfTheCall_EndsTheSending()
    {
        await ConnectAsync(_model);
        using var call = new CancellationTokenSource();
        await call.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _audio.AppendAsync(0, Encode('a', 160), 160, call.Token).AsTask());
    }

    private async Task AppendAsync(string frames)
    {
        foreach (var frame in frames)
        {
            await AppendAsync(frame, null);
        }
    }

    private Task AppendAsync(char frame, long? timestamp) => _audio.AppendAsync(timestamp, Encode(frame, 160), 160, TestTimeout.Token).AsTask();

    private Task ConnectAsync(Model model) => _audio.ConnectAsync(model.Session, TestTimeout.Token);

    /// <returns>All that the model has heard up to now.</returns>
    private async Task<string> HeardAsync(Model? model = null)
    {
        await AppendAsync("~");
        return await (model ?? _model).HearUntilAsync('~');
    }

    private async Task<Filling> FillPausesAsync()
    {
        var filling = new Filling(_audio);
        await _time.TimerSetAsync(TimeSpan.FromMilliseconds(250));
        return filling;
    }

    private static byte[] Encode(char frame, int bytes)
    {
        var audio = new byte[bytes];
        Array.Fill(audio, (byte)frame);
        return Encoding.ASCII.GetBytes(Convert.ToBase64String(audio));
    }

    private sealed class Filling : IAsyncDisposable
    {
        private readonly CancellationTokenSource _call = new();
        private readonly Task _running;

        public Filling(CallerAudio audio) => _running = audio.FillPausesAsync(_call.Token);

        public async ValueTask DisposeAsync()
        {
            await _call.CancelAsync();
            await _running.WaitAsync(TestTimeout.Token);
            _call.Dispose();
        }
    }

    private sealed class Model : IAsyncDisposable
    {
        private readonly SocketPair _pair;
        private readonly MessageReader _reader;

        private Model(SocketPair pair)
        {
            _pair = pair;
            _reader = new MessageReader(pair.Peer, 64 * 1024);
            Session = new RealtimeSession(pair.Ours, TimeProvider.System);
        }

        public RealtimeSession Session { get; }

        public static async Task<Model> StartAsync() => new(await SocketPair.CreateAsync());

        public async Task<string> HearAsync(int frames)
        {
            var heard = new StringBuilder();
            while (heard.Length < frames)
            {
                heard.Append(await HearAsync());
            }

            return heard.ToString();
        }

        public async Task<string> HearUntilAsync(char last)
        {
            var heard = new StringBuilder();
            while (await HearAsync() is var frame && frame != last)
            {
                heard.Append(frame);
            }

            return heard.ToString();
        }

        public async ValueTask DisposeAsync()
        {
            await Session.DisposeAsync();
            _reader.Dispose();
            _pair.Dispose();
        }

        private async Task<char> HearAsync()
        {
            Assert.True(await _reader.ReadAsync(TestTimeout.Token));
            var audio = (string)JsonNode.Parse(_reader.Message.Span)!["audio"]!;
            return audio == Silent ? '.' : (char)Convert.FromBase64String(audio)[0];
        }
    }
}
