using System.Net.WebSockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

/// <summary>How many get a socket, and that everybody gives it back. Full is a 503, never an accepted socket and never a 500.</summary>
[Trait("Proves", "T-M3")]
public sealed class StreamPlacesTests : IAsyncLifetime
{
    private readonly StandingClock _time = new();
    private FakeRealtimeServer _model = null!;
    private BridgeHost _bridge = null!;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeRealtimeServer.StartAsync();
        _bridge = await BridgeHost.StartAsync(_model.Url, _time, [new("MAX_CALLS", "2")]);
    }

    public async ValueTask DisposeAsync()
    {
        await _bridge.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Stranger_IsTurnedAway_Behind32Others_UntilTheyHaveHadTheirFiveSeconds()
    {
        var strangers = new List<FakeTwilioStream>();
        for (var i = 0; i < 32; i++)
        {
            strangers.Add(await FakeTwilioStream.ConnectAsync(_bridge.Url));
            await _time.TimerSetAsync(StreamAdmission.Deadline);
        }

        await AssertFullAsync();
        await AssertFullAsync(("X-Forwarded-For", "203.0.113.9"));

        _time.Advance(StreamAdmission.Deadline);
        foreach (var stranger in strangers)
        {
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, await stranger.ReceiveCloseAsync());
            await stranger.CloseAsync();
            await stranger.DisposeAsync();
        }

        await using var caller = await ConnectOnceFreeAsync();
        await caller.StartAsync(await _bridge.IssueTokenAsync());
        await _model.AcceptConfiguredAsync();
    }

    [Fact]
    public async Task Caller_GetsThrough_WhereSilentStrangersHoldAllPlaces()
    {
        var strangers = new List<FakeTwilioStream>();
        for (var i = 0; i < 32; i++)
        {
            strangers.Add(await FakeTwilioStream.ConnectAsync(_bridge.Url));
            await _time.TimerSetAsync(StreamAdmission.Deadline);
        }

        await AssertFullAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await using var caller = await FakeTwilioStream.ConnectAsync(_bridge.Url);

        Assert.Null(await strangers[0].ReceiveCloseAsync());
        await caller.StartAsync(await _bridge.IssueTokenAsync());
        await _model.AcceptConfiguredAsync();
        foreach (var stranger in strangers)
        {
            await stranger.DisposeAsync();
        }
    }

    [Fact]
    public async Task Stranger_IsTurnedAway_BehindTenOfItsOwn_AndOthersAreNot()
    {
        var own = ("X-Forwarded-For", "203.0.113.7");
        var strangers = new List<FakeTwilioStream>();
        for (var i = 0; i < 10; i++)
        {
            strangers.Add(await FakeTwilioStream.ConnectAsync(_bridge.Url, own));
        }

        await AssertFullAsync(own);
        // What it puts before its proxy's word does not make it another one.
        await AssertFullAsync(("X-Forwarded-For", "198.51.100.1, 203.0.113.7"));
        Assert.Single(_bridge.Log.Lines, line => line.Contains("turned away (503): 0 calls of at most 2 (MAX_CALLS) and 10 sockets", StringComparison.Ordinal));

        await using var other = await FakeTwilioStream.ConnectAsync(_bridge.Url, ("X-Forwarded-For", "198.51.100.1"));
        await other.StartAsync(await _bridge.IssueTokenAsync());
        await _model.AcceptConfiguredAsync();

        foreach (var stranger in strangers)
        {
            await stranger.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("close")]
    [InlineData("abort")]
    [InlineData("violation")]
    [InlineData("silence")]
    public async Task Caller_IsTurnedAway_WhileAllLinesAreTaken_HoweverTheyBecomeFree(string how)
    {
        await using var first = await CallAsync();
        await using (var second = await CallAsync())
        {
            await AssertFullAsync();
            await (how switch
            {
                "stop" => second.StopAsync(),
                "close" => second.CloseAsync(),
                "violation" => second.SendAsync(new byte[] { 1 }, WebSocketMessageType.Binary),
                "silence" => _time.AdvanceUntilAsync(second.ReceiveCloseAsync()),
                _ => Do(second.Abort),
            });
            if (how is "stop" or "violation")
            {
                await second.ReceiveCloseAsync();
                await second.CloseAsync();
            }
        }

        await using var third = await ConnectOnceFreeAsync();
        await third.StartAsync(await _bridge.IssueTokenAsync());
        await _model.AcceptConfiguredAsync();
    }

    [Fact]
    public async Task Caller_IsSentAway_WhereOthersTookTheLastLineMeanwhile()
    {
        await using var first = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await using var second = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        await using var third = await FakeTwilioStream.ConnectAsync(_bridge.Url);
        foreach (var faster in (FakeTwilioStream[])[third, second])
        {
            await faster.StartAsync(await _bridge.IssueTokenAsync());
            await _model.AcceptConfiguredAsync();
        }

        await first.StartAsync(await _bridge.IssueTokenAsync());

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await first.ReceiveCloseAsync());
        Assert.True(_model.HasNoSession);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("close")]
    [InlineData("abort")]
    public async Task Place_IsFree_HoweverTheStrangerLeft(string how)
    {
        var own = ("X-Forwarded-For", "203.0.113.7");
        for (var i = 0; i < 40; i++)
        {
            await using var stranger = await ConnectOnceFreeAsync(own);
            await (how switch
            {
                "garbage" => stranger.SendAsync("garbage"),
                "close" => stranger.CloseAsync(),
                _ => Do(stranger.Abort),
            });
            if (how is "garbage")
            {
                await stranger.ReceiveCloseAsync();
                await stranger.CloseAsync();
            }
        }
    }

    // Kestrel answers with a 500 there, so nobody may get that far.
    [Fact]
    public void Kestrel_HasRoomForMore_ThanTheGatesLetIn() => Assert.Equal(
        (2 * 2) + 32, _bridge.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MaxConcurrentUpgradedConnections);

    private async Task<FakeTwilioStream> CallAsync()
    {
        var caller = await _bridge.CallAsync(TestGrant.NewCallSid());
        await _model.AcceptConfiguredAsync();
        return caller;
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private async Task AssertFullAsync(params (string, string)[] headers)
    {
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => FakeTwilioStream.ConnectAsync(_bridge.Url, headers));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
    }

    // The bridge may still be busy with whoever has left.
    private async Task<FakeTwilioStream> ConnectOnceFreeAsync(params (string, string)[] headers)
    {
        for (var patience = TestTimeout.Token; ; patience.ThrowIfCancellationRequested())
        {
            try
            {
                return await FakeTwilioStream.ConnectAsync(_bridge.Url, headers);
            }
            catch (WebSocketException refused) when (refused.Message.Contains("503", StringComparison.Ordinal))
            {
            }
        }
    }
}
