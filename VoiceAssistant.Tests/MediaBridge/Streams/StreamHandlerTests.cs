using System.Net.WebSockets;
using System.Text;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

/// <summary>The way to a conversation does not wait: not for a stranger, not for Redis.</summary>
public sealed class StreamHandlerTests : IAsyncLifetime
{
    private readonly StandingClock _time = new();
    private FakeRealtimeServer _model = null!;
    private BridgeHost _bridge = null!;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeRealtimeServer.StartAsync();
        _bridge = await BridgeHost.StartAsync(_model.Url, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _bridge.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Fact]
    [Trait("Proves", "T-M2")]
    public async Task Silence_IsRefused_AfterFiveSeconds()
    {
        await using var stranger = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await _time.TimerSetAsync(StreamAdmission.Deadline);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await stranger.ReceiveCloseAsync());
        Assert.True(_model.HasNoSession);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Proves", "T-M2")]
    public async Task DripOfBytes_IsRefused_AfterFiveSeconds(bool connected)
    {
        await using var stranger = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await _time.TimerSetAsync(StreamAdmission.Deadline);
        if (connected)
        {
            await stranger.SendAsync("""{"event":"connected","protocol":"Call","version":"1.0.0"}""");
        }

        foreach (var value in Encoding.ASCII.GetBytes(FakeTwilioStream.StartMessage("")).Take(50))
        {
            await stranger.SendAsync(new[] { value }, endOfMessage: false);
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await stranger.ReceiveCloseAsync());
        Assert.True(_model.HasNoSession);
    }

    [Fact]
    public async Task Start_IsInTime_JustBeforeFiveSeconds()
    {
        await using var caller = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await _time.TimerSetAsync(StreamAdmission.Deadline);

        _time.Advance(TimeSpan.FromMilliseconds(4999));
        await caller.StartAsync(await _bridge.IssueTokenAsync());

        await _model.AcceptConfiguredAsync();
    }

    [Fact]
    public async Task Stranger_IsCutOff_WhenItDoesNotAnswerTheClose()
    {
        await using var stranger = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await stranger.SendAsync("garbage");
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await stranger.ReceiveCloseAsync());

        _time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<WebSocketException>(async () =>
        {
            for (var patience = TestTimeout.Token; !patience.IsCancellationRequested;)
            {
                await stranger.SendAsync("and on");
            }
        });
    }

    [Theory]
    [InlineData("close")]
    [InlineData("abort")]
    public async Task Stranger_MayLeave_BeforeItHasSaidAnything(string how)
    {
        await using (var stranger = await FakeTwilioStream.ConnectAsync(_bridge.Url))
        {
            await _time.TimerSetAsync(StreamAdmission.Deadline);
            if (how is "close")
            {
                await stranger.CloseAsync();
                Assert.Equal(WebSocketCloseStatus.PolicyViolation, await stranger.ReceiveCloseAsync());
            }
            else
            {
                stranger.Abort();
            }
        }

        await using var caller = await _bridge.CallAsync();
        await _model.AcceptConfiguredAsync();
    }

    [Fact]
    public async Task Call_IsClosed_WhenItsTokenCannotBeChecked()
    {
        var token = await _bridge.IssueTokenAsync();
        await using var caller = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        _bridge.StopRedis();

        await caller.StartAsync(token);

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await caller.ReceiveCloseAsync());
        Assert.True(_model.HasNoSession);
    }
}
