using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

/// <summary>A thousand strangers at the executable's door, and a caller behind them.</summary>
[Trait("Proves", "T-M3")]
[Trait("Proves", "R23")]
public sealed class StreamFloodTests : IAsyncLifetime
{
    private const int Strangers = 1000;
    private const long MaxGrowth = 50 * 1024 * 1024;

    private static readonly (string, string) Signature =
        (TwilioSignature.HeaderName, TwilioSignature.Compute("12345", "wss://voice.example/media-stream", []));

    private readonly EmbeddedRedis _redis = new();
    private readonly ConcurrentBag<FakeTwilioStream> _accepted = [];
    private FakeRealtimeServer _model = null!;
    private RunningService _bridge = null!;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeRealtimeServer.StartAsync();
        _bridge = await RunningService.StartAsync("VoiceAssistant.MediaBridge", new Dictionary<string, string>
        {
            ["TWILIO_AUTH_TOKEN"] = "12345",
            ["PUBLIC_URL"] = "https://voice.example",
            ["ConnectionStrings__redis"] = _redis.ConnectionString,
            ["REALTIME_URL"] = _model.Url,
            // The session that a call takes is the next that is opened.
            ["WARM_SESSIONS"] = "0",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        });
        await _bridge.ReadyAsync();
        await CallAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _bridge.DisposeAsync();
        await _model.DisposeAsync();
        _redis.Dispose();
        foreach (var stream in _accepted)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task Caller_GetsThrough_WhereScannersKnock()
    {
        var before = _bridge.Memory;

        var answers = await KnockAsync();

        Assert.Equal([("403", Strangers)], answers);
        await CallAsync();
        Assert.InRange(_bridge.Memory - before, long.MinValue, MaxGrowth);
    }

    // The signature is the same for every stream, and somebody may have seen one.
    [Fact]
    public async Task Caller_GetsThrough_WhereAStrangerKnowsTheSignature()
    {
        var before = _bridge.Memory;

        var answers = await KnockAsync(Signature, ("X-Forwarded-For", "203.0.113.7"));

        Assert.Equal(["101", "503"], answers.Select(answer => answer.Answer));
        await CallAsync(("X-Forwarded-For", "198.51.100.1"));
        Assert.InRange(_bridge.Memory - before, long.MinValue, MaxGrowth);
    }

    private async Task CallAsync(params (string, string)[] headers)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(TestRedis.Patient(_redis.ConnectionString));
        var callSid = TestGrant.NewCallSid();
        var token = (await new CallRecords(redis, new FakeTimeProvider(), TestMeters.Tokens).IssueTokenAsync(TestGrant.Of(callSid), TestTimeout.Token))?.Value;
        await using var caller = await FakeTwilioStream.ConnectAsync(Url, [Signature, .. headers]);
        await caller.StartAsync(token!, callSid);
        await _model.AcceptConfiguredAsync();
        await caller.StopAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await caller.ReceiveCloseAsync());
    }

    private string Url => $"ws://{_bridge.Addresses.Single().Authority}/media-stream";

    /// <returns>How many got which answer; who got a socket keeps it.</returns>
    private async Task<IEnumerable<(string Answer, int Count)>> KnockAsync(params (string, string)[] headers)
    {
        var answers = new ConcurrentBag<string>();
        await Parallel.ForAsync(0, Strangers, new ParallelOptions { MaxDegreeOfParallelism = 50, CancellationToken = TestTimeout.Token }, async (_, _) =>
        {
            try
            {
                _accepted.Add(await FakeTwilioStream.ConnectAsync(Url, headers));
                answers.Add("101");
            }
            catch (WebSocketException refused)
            {
                answers.Add(refused.Message.Split('\'')[1]);
            }
        });

        return answers.CountBy(answer => answer).OrderBy(answer => answer.Key).Select(answer => (answer.Key, answer.Value));
    }
}
