using System.Net;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Webhook.Calls;

/// <summary>Without a token that can be checked there is no stream: the caller hears so, in the time that a caller waits.</summary>
[Trait("Proves", "R5")]
public sealed class RedisOutageTests
{
    private const string Apology =
        """<Response><Say language="en-US">Sorry, the assistant is not available right now. """
        + """Please call again in a few minutes. Goodbye.</Say><Hangup /></Response>""";

    [Fact]
    public async Task Caller_HearsAnApology_WhereThereIsNoRedis()
    {
        await using var webhook = await WebhookHost.StartImpatientAsync("127.0.0.1:1");
        Assert.Contains(webhook.Log.Lines, line => line.Contains("[RedisAbsent]", StringComparison.Ordinal));

        Assert.Equal(Apology, await AnswerAsync(webhook));
        Assert.Contains(webhook.Log.Lines, line => line.Contains("ConnectionStrings:redis", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stranger_LearnsNothing_WhereThereIsNoRedis()
    {
        await using var webhook = await WebhookHost.StartImpatientAsync("127.0.0.1:1");

        using var response = await webhook.SendAsync(TwilioRequest.IncomingCall with { AuthToken = "54321" });

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Caller_HearsAnApology_WhenRedisIsFrozen()
    {
        RedisServer.Require();
        await using var redis = await RedisServer.StartAsync();
        await using var webhook = await WebhookHost.StartImpatientAsync(redis.ConnectionString);
        redis.Freeze();

        Assert.Equal(Apology, await AnswerAsync(webhook));
        // The client of a frozen server would keep the webhook from stopping.
        await redis.StopAsync();
    }

    [Theory]
    [InlineData("NOAUTH", "--requirepass", "secret")]
    [InlineData("OOM", "--maxmemory", "1")]
    [InlineData("requires writable", "--replicaof", "127.0.0.1", "1")]
    [InlineData("NOPERM", "--user", "default", "on", "nopass", "~*", "+@all", "-eval")]
    public async Task Caller_HearsAnApology_WhenRedisRefuses(string reason, params string[] arguments)
    {
        RedisServer.Require();
        await using var redis = await RedisServer.StartAsync(arguments: arguments);
        await using var webhook = await WebhookHost.StartAsync(redis.ConnectionString);

        Assert.Equal(Apology, await AnswerAsync(webhook, TwilioRequest.NewCall()));
        var line = Assert.Single(webhook.Log.Lines, line => line.Contains("[RedisFailed]", StringComparison.Ordinal));
        Assert.Contains(reason, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_AreTakenAgain_WhenRedisIsBack()
    {
        RedisServer.Require();
        await using var former = await RedisServer.StartAsync();
        await using var webhook = await WebhookHost.StartImpatientAsync(former.ConnectionString);
        await former.StopAsync();
        Assert.Equal(Apology, await AnswerAsync(webhook));

        await using var redis = await RedisServer.StartAsync(former.Port);

        // No faster than the webhook answers.
        using var retry = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var bound = TestTimeout.Token; await AnswerAsync(webhook) == Apology;)
        {
            await retry.WaitForNextTickAsync(bound);
        }
    }

    private static async Task<string> AnswerAsync(WebhookHost webhook, TwilioRequest? request = null)
    {
        using var response = await webhook.SendAsync(request ?? TwilioRequest.NewCallNow());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/xml; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return await TestTwiml.ReadAsync(response);
    }
}
