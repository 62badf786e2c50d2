using System.Net;
using System.Text;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Webhook.Calls;

[Trait("Proves", "R28")]
public sealed class StreamStatusTests(WebhookFixture fixture) : IClassFixture<WebhookFixture>, IAsyncLifetime
{
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);

    // As long as Twilio may take to answer; between two tries less time passes.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(4.5);

    private readonly List<WebhookHost> _webhooks = [];
    private FakeTwilioApi _twilio = null!;

    public async ValueTask InitializeAsync() => _twilio = await FakeTwilioApi.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var webhook in _webhooks)
        {
            await webhook.DisposeAsync();
        }

        await _twilio.DisposeAsync();
    }

    [Fact]
    public async Task CallWhoseStreamBroke_IsSentToItsNextStream_WhereTwilioDoesNotAsk()
    {
        var (webhook, callSid) = await LiveCallAsync();

        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        Assert.Empty(_twilio.Requests);
        await LaterAsync(webhook, _twilio.ReceivedAsync(1));

        var update = Assert.Single(_twilio.Requests);
        Assert.Equal($"/2010-04-01/Accounts/{FakeTwilioStream.AccountSid}/Calls/{callSid}.json", update.Path);
        Assert.Equal($"Url={Uri.EscapeDataString(WebhookHost.PublicUrl + "/stream-ended/1/rescue")}&Method=POST", update.Body);
        Assert.Equal(Basic(FakeTwilioStream.AccountSid, WebhookHost.AuthToken), update.Authorization);
    }

    [Fact]
    public async Task ApiKey_IsUsed_WhereThereIsOne()
    {
        var key = "SK0123456789abcdef0123456789abcdef";
        var (webhook, callSid) = await LiveCallAsync(("TWILIO_API_KEY_SID", key), ("TWILIO_API_KEY_SECRET", "secret"));

        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        await LaterAsync(webhook, _twilio.ReceivedAsync(1));

        Assert.Equal(Basic(key, "secret"), _twilio.Requests.Single().Authorization);
    }

    [Fact]
    public async Task CallWhoseStreamBroke_IsLeftToTwilio_WhereItAsks()
    {
        var (webhook, callSid) = await LiveCallAsync();

        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        (await webhook.SendAsync(TwilioRequest.StreamEnded(callSid))).Dispose();
        await EndsNoCallAsync(webhook);
    }

    [Theory]
    [InlineData("stream-started")]
    [InlineData("stream-stopped")]
    public async Task StreamThatIsWell_IsNobodysBusiness(string streamEvent)
    {
        var (webhook, callSid) = await LiveCallAsync();

        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid, streamEvent: streamEvent));
        await EndsNoCallAsync(webhook);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "")]
    [InlineData(HttpStatusCode.BadRequest, """{"code":20404,"message":"The requested resource was not found","status":404}""")]
    public async Task CallThatTwilioDoesNotHave_IsOver(HttpStatusCode status, string body)
    {
        _twilio.Answer(status, body);
        var (webhook, callSid) = await LiveCallAsync();

        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        await LaterAsync(webhook, webhook.Log.WaitForAsync($"Call {callSid} is over (caller_left)"));

        Assert.Single(_twilio.Requests);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, 3)]
    [InlineData(HttpStatusCode.ServiceUnavailable, 3)]
    [InlineData(HttpStatusCode.TooManyRequests, 3)]
    [InlineData(HttpStatusCode.Unauthorized, 1)]
    public async Task CallThatCannotBeRescued_IsOver_AfterThreeTriesWhereTheyMayHelp(HttpStatusCode status, int tries)
    {
        _twilio.Answer(status, "");
        var (webhook, callSid) = await LiveCallAsync();

        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        await NotRescuedAsync(webhook, callSid);

        Assert.Equal(tries, _twilio.Requests.Count);
        Assert.Single(webhook.Log.Lines, line => line.Contains("is over", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CallThatTwilioDoesNotAnswerFor_IsOver_AfterFiveSeconds()
    {
        using var holding = _twilio.HoldAnswers();
        var (webhook, callSid) = await LiveCallAsync();

        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        await LaterAsync(webhook, _twilio.ReceivedAsync(1));
        webhook.Time.Advance(TimeSpan.FromSeconds(5));
        await NotRescuedAsync(webhook, callSid);

        Assert.Single(_twilio.Requests);
    }

    // Who cannot find out whether Twilio has asked lets it ask once too often.
    [Fact, Trait("Proves", "R8")]
    public async Task CallWhoseStreamBroke_IsRescued_ThoughRedisIsGone()
    {
        var redis = new EmbeddedRedis();
        var webhook = await StartAsync(redis.ConnectionString);
        var callSid = await LiveCallAsync(webhook);
        redis.Dispose();

        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        await LaterAsync(webhook, webhook.Log.WaitForAsync("[Rescued]"));

        Assert.Single(_twilio.Requests);
    }

    [Fact]
    public async Task CallThatTwilioAsksAbout_GoesOn_ThoughItIsNotRescued()
    {
        _twilio.Answer(HttpStatusCode.Unauthorized, "");
        var (webhook, callSid) = await LiveCallAsync();
        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        await LaterAsync(webhook, webhook.Log.WaitForAsync("[NotRescued]"));

        Assert.Contains("<Pause ", await AskAsync(TwilioRequest.StreamEnded(callSid)), StringComparison.Ordinal);
        Assert.Contains("<Connect ", await AskAsync(TwilioRequest.Rescue(callSid)), StringComparison.Ordinal);
        webhook.Time.Advance(TimeSpan.FromSeconds(10));
        await EndsNoCallAsync(webhook, requests: 1);
        Assert.DoesNotContain(webhook.Log.Lines, line => line.Contains($"Call {callSid} is over", StringComparison.Ordinal));

        async Task<string> AskAsync(TwilioRequest request)
        {
            using var response = await webhook.SendAsync(request);
            return await response.Content.ReadAsStringAsync(TestTimeout.Token);
        }
    }

    [Fact, Trait("Proves", "R7")]
    public async Task HealthyNextStream_IsNotCutOff_WhereRedisIsSlowForOnce()
    {
        RedisServer.Require();
        await using var redis = await RedisServer.StartAsync();
        var webhook = await StartAsync(redis.ConnectionString);
        var callSid = await LiveCallAsync(webhook);
        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        using (var next = await webhook.SendAsync(TwilioRequest.StreamEnded(callSid)))
        {
            await BeginAsync(webhook, next);
        }

        redis.Freeze();
        webhook.Time.Forget();
        webhook.Time.Advance(Courtesy);
        // The first try is over when the pause before the next one begins; until then, nobody's wait for Redis ends otherwise.
        for (var pause = TimeSpan.Zero; pause != BetweenTries;)
        {
            pause = await webhook.Time.PauseBegunAsync(least: BetweenTries, below: UnhurriedClock.ForRedis + BetweenTries);
            if (pause == UnhurriedClock.ForRedis)
            {
                webhook.Time.Advance(pause);
            }
        }

        redis.Thaw();
        await EndsNoCallAsync(webhook);
    }

    [Fact]
    public async Task OneBreak_IsRescuedOnce_WhereTwoWebhooksHearOfIt()
    {
        var (webhook, callSid) = await LiveCallAsync();
        var replica = await StartAsync(fixture.Redis.ConnectionString);
        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        await LaterAsync(webhook, webhook.Log.WaitForAsync("[Rescued]"));

        await TellAsync(replica, TwilioRequest.StreamStatus(callSid));
        await EndsNoCallAsync(replica, requests: 1);
        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        await EndsNoCallAsync(webhook, requests: 2);
    }

    // Captured when the stream before broke.
    [Fact, Trait("Proves", "T-R1")]
    public async Task OldNews_AreNobodysBusiness_WhileTheNextStreamIsLive()
    {
        var (webhook, callSid) = await LiveCallAsync();
        using var next = await webhook.SendAsync(TwilioRequest.StreamEnded(callSid));
        await BeginAsync(webhook, next);

        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        await EndsNoCallAsync(webhook);
    }

    // Twilio was told, and the caller hung up before it could ask.
    [Fact, Trait("Proves", "R15")]
    public async Task CallThatWasRescuedInVain_IsOverAfterAWhile()
    {
        var (webhook, callSid) = await LiveCallAsync();

        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        await LaterAsync(webhook, webhook.Log.WaitForAsync("[Rescued]"));

        await webhook.Time.AdvanceUntilAsync(webhook.Log.WaitForAsync($"Call {callSid} is over (caller_lost)"), step: TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task OneBreak_IsRescuedOnce_HoweverOftenTwilioTells()
    {
        var (webhook, callSid) = await LiveCallAsync();

        for (var told = 0; told < 5; told++)
        {
            await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        }

        await LaterAsync(webhook, webhook.Log.WaitForAsync("[Rescued]"));
        await EndsNoCallAsync(webhook, requests: 1);
    }

    [Fact, Trait("Proves", "R9")]
    public async Task CallWhoseStreamBroke_IsRescuedAtOnce_WhereTheServiceStops()
    {
        var (webhook, callSid) = await LiveCallAsync();
        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));

        await webhook.StopAsync();

        Assert.Contains(callSid, Assert.Single(_twilio.Requests).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallThatTwilioRedirects_IsRescued_WhateverItSaysOfTheCall()
    {
        _twilio.Answer(HttpStatusCode.OK, "<html>");
        var (webhook, callSid) = await LiveCallAsync();

        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        await LaterAsync(webhook, webhook.Log.WaitForAsync("[Rescued]"));

        Assert.Single(_twilio.Requests);
    }

    [Theory, Trait("Proves", "T-T3")]
    [InlineData("")]
    [InlineData($$"""{"code":20003,"message":"{{FakeTwilioStream.AccountSid}} may not","more_info":"{{FakeTwilioStream.AccountSid}}","status":401}""")]
    [InlineData($$"""{"type":"{{FakeTwilioStream.AccountSid}}","title":"{{FakeTwilioStream.AccountSid}}","detail":"{{FakeTwilioStream.AccountSid}}","status":401}""")]
    [InlineData($"<html>{FakeTwilioStream.AccountSid}</html>")]
    [InlineData(null)]
    public async Task Rescue_ShowsNeitherCredentialsNorTheAccount(string? refusal)
    {
        _twilio.Answer(HttpStatusCode.Unauthorized, refusal ?? "");
        var (webhook, callSid) = await LiveCallAsync(("TWILIO_API_KEY_SID", "SK0123456789abcdef0123456789abcdef"), ("TWILIO_API_KEY_SECRET", "the-secret"));
        if (refusal is null)
        {
            await _twilio.DisposeAsync();
        }

        await TellAsync(webhook, TwilioRequest.StreamStatus(callSid));
        await NotRescuedAsync(webhook, callSid);

        foreach (var secret in (string[])[FakeTwilioStream.AccountSid, "the-secret", "SK0123456789abcdef0123456789abcdef", Basic("SK0123456789abcdef0123456789abcdef", "the-secret")])
        {
            Assert.DoesNotContain(webhook.Log.Lines, line => line.Contains(secret, StringComparison.Ordinal));
        }
    }

    /// <summary>Lets the time pass that Twilio has for asking by itself, and then what is waited for between two tries.</summary>
    private static async Task LaterAsync(WebhookHost webhook, Task happening)
    {
        webhook.Time.Forget();
        webhook.Time.Advance(Courtesy);
        await webhook.Time.PassPausesUntilAsync(happening, below: Deadline);
    }

    // Twilio may still ask by itself.
    private static async Task NotRescuedAsync(WebhookHost webhook, string callSid)
    {
        await LaterAsync(webhook, webhook.Log.WaitForAsync("[NotRescued]"));
        await webhook.Time.AdvanceUntilAsync(webhook.Log.WaitForAsync($"Call {callSid} is over (not_rescued)"), TimeSpan.FromSeconds(1));
    }

    private static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    private static async Task TellAsync(WebhookHost webhook, TwilioRequest request)
    {
        using var response = await webhook.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    // Another call's rescue shows that the time for this one has come and gone.
    private async Task EndsNoCallAsync(WebhookHost webhook, int requests = 0)
    {
        var other = await LiveCallAsync(webhook);
        await TellAsync(webhook, TwilioRequest.StreamStatus(other));
        await LaterAsync(webhook, _twilio.ReceivedAsync(requests + 1));

        Assert.Equal(requests + 1, _twilio.Requests.Count);
        Assert.Contains(other, _twilio.Requests[^1].Path, StringComparison.Ordinal);
    }

    private async Task<(WebhookHost Webhook, string CallSid)> LiveCallAsync(params (string Name, string Value)[] settings)
    {
        var webhook = await StartAsync(fixture.Redis.ConnectionString, settings);
        return (webhook, await LiveCallAsync(webhook));
    }

    private async Task<WebhookHost> StartAsync(string redis, params (string Name, string Value)[] settings)
    {
        var webhook = await WebhookHost.StartAsync(redis, [("TWILIO_API_URL", _twilio.Url), .. settings]);
        _webhooks.Add(webhook);
        return webhook;
    }

    private static async Task<string> LiveCallAsync(WebhookHost webhook)
    {
        var request = TwilioRequest.NewCall();
        using var response = await webhook.SendAsync(request);
        return await BeginAsync(webhook, response);
    }

    private static async Task<string> BeginAsync(WebhookHost webhook, HttpResponseMessage answer)
    {
        var token = TestTwiml.Token(await answer.Content.ReadAsStringAsync(TestTimeout.Token));
        var grant = await webhook.Tokens.ConsumeAsync(token, TestTimeout.Token);
        Assert.NotNull(await webhook.Service<CallLeases>().TakeAsync(grant!, TestTimeout.Token));
        return grant!.CallSid;
    }
}
