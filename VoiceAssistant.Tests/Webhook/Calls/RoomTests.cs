using Microsoft.AspNetCore.Http;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Webhook.Calls;

/// <summary>Authentic calls that there is no room for.</summary>
[Trait("Proves", "R23")]
public sealed class RoomTests : IAsyncLifetime
{
    private const string Busy = "Sorry, all lines are busy";

    private readonly EmbeddedRedis _redis = new();
    private FakeCallServer _bridge = null!;

    public async ValueTask InitializeAsync() => _bridge = await FakeCallServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _bridge.DisposeAsync();
        _redis.Dispose();
    }

    [Theory]
    [InlineData("""{"calls":20,"room":0}""", false)]
    [InlineData("""{"calls":19,"room":1}""", true)]
    [InlineData("not JSON", true)]
    public async Task Caller_HearsThatAllLinesAreBusy_WhereTheBridgeSaysSo(string answer, bool expected)
    {
        _bridge.Answer("/room", context => context.Response.WriteAsync(answer, TestTimeout.Token));
        await using var webhook = await StartAsync();

        var twiml = await CallAsync(webhook);

        Assert.Equal(expected, twiml.Contains("<Stream", StringComparison.Ordinal));
        Assert.Equal(!expected, twiml.Contains(Busy, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Call_IsAnswered_WhereTheBridgeDoesNotAnswerInTime()
    {
        var asked = new TaskCompletionSource();
        _bridge.Answer("/room", context =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        });
        await using var webhook = await StartAsync();

        var calling = CallAsync(webhook);
        await asked.Task.WaitAsync(TestTimeout.Token);
        Assert.False(calling.IsCompleted);
        webhook.Time.Advance(TimeSpan.FromMilliseconds(150));

        Assert.Contains("<Stream", await calling, StringComparison.Ordinal);
        Assert.Contains(webhook.Log.Lines, line => line.Contains("[NoAnswer]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Call_IsAnswered_WhereOneReplicaIsFullAndAnotherIsNot()
    {
        var connections = new HashSet<string>();
        _bridge.Answer("/room", context =>
        {
            connections.Add(context.Connection.Id);
            return context.Response.WriteAsync($$"""{"room":{{(connections.Count < 3 ? 0 : 1)}}}""", TestTimeout.Token);
        });
        await using var webhook = await StartAsync();

        Assert.Contains("<Stream", await CallAsync(webhook), StringComparison.Ordinal);
        Assert.Equal(3, connections.Count);
    }

    [Fact]
    public async Task Bridge_IsAskedOnceASecond()
    {
        var room = 1;
        var asked = 0;
        _bridge.Answer("/room", context =>
        {
            asked++;
            return context.Response.WriteAsync($$"""{"room":{{room}}}""", TestTimeout.Token);
        });
        await using var webhook = await StartAsync();

        Assert.Contains("<Stream", await CallAsync(webhook), StringComparison.Ordinal);
        room = 0;
        webhook.Time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Contains("<Stream", await CallAsync(webhook), StringComparison.Ordinal);
        Assert.Equal(1, asked);

        webhook.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Contains(Busy, await CallAsync(webhook), StringComparison.Ordinal);
        Assert.Equal(4, asked);
    }

    [Theory, Trait("Proves", "T-B4")]
    [InlineData("MAX_CONCURRENT_CALLS", Busy)]
    [InlineData("MAX_CONCURRENT_CALLS_PER_CALLER", "There are calls of yours already.")]
    [InlineData("MAX_CALLS_PER_CALLER_PER_HOUR", "You have called very often")]
    public async Task Caller_HearsWhy_WhereABudgetIsUsedUp(string setting, string sentence)
    {
        await using var webhook = await WebhookHost.StartAsync(_redis.ConnectionString, (setting, "1"));
        Assert.Contains("<Stream", await CallAsync(webhook), StringComparison.Ordinal);

        var twiml = await CallAsync(webhook);

        Assert.Contains(sentence, twiml, StringComparison.Ordinal);
        Assert.EndsWith("Goodbye.</Say><Hangup /></Response>", twiml, StringComparison.Ordinal);
        Assert.Contains(webhook.Log.Lines, line => line.Contains("[OverBudget]", StringComparison.Ordinal) && line.Contains(setting, StringComparison.Ordinal));
    }

    // Nobody has a second budget by another way to write themselves, nor somebody else's.
    [Theory, Trait("Proves", "T-B3")]
    [InlineData("sip:bob@sip.example", "sip:bob@SIP.example:5060;user=phone", false)]
    [InlineData("sip:bob@sip.example;x=1", "sips:b%6Fb;x=2@sip.example.:5071", false)]
    [InlineData("anonymous", "Restricted", false)]
    [InlineData("+266696687", "sip:anonymous@anonymous.invalid", false)]
    [InlineData("sip:bob@sip.example", "sip:Bob@sip.example", true)]
    [InlineData("client:alice", "client:alice", false)]
    [InlineData("client:alice", "client:bob", true)]
    [InlineData("whatsapp:+14155550100", "+14155550100", true)]
    public async Task Caller_HasOneBudget_HoweverTheyAreWritten(string first, string second, bool expected)
    {
        await using var webhook = await WebhookHost.StartAsync(_redis.ConnectionString, ("MAX_CONCURRENT_CALLS_PER_CALLER", "1"));
        Assert.Contains("<Stream", await CallAsync(webhook, ("From", first), ("Caller", first)), StringComparison.Ordinal);

        var twiml = await CallAsync(webhook, ("From", second), ("Caller", second));

        Assert.Equal(expected, twiml.Contains("<Stream", StringComparison.Ordinal));
        Assert.Equal(!expected, twiml.Contains("There are calls of yours already.", StringComparison.Ordinal));
    }

    private Task<WebhookHost> StartAsync() => WebhookHost.StartAsync(_redis.ConnectionString, ("services:mediabridge:management:0", _bridge.Url));

    private static async Task<string> CallAsync(WebhookHost webhook, params (string Name, string Value)[] fields)
    {
        using var response = await webhook.SendAsync(TwilioRequest.NewCall(fields));
        return await TestTwiml.ReadAsync(response);
    }
}
