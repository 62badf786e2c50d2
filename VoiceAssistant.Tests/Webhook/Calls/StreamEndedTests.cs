using System.Net;
using StackExchange.Redis;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Webhook.Calls;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Tests.Webhook.Calls;

public sealed class StreamEndedTests(WebhookFixture fixture) : IClassFixture<WebhookFixture>
{
    private const string Goodbye = """<Response><Say language="en-US">Goodbye.</Say><Hangup /></Response>""";

    private const string HangUp = "<Response><Hangup /></Response>";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly WebhookHost _webhook = fixture.Webhook;

    [Fact, Trait("Proves", "R13")]
    public async Task Call_GoesOnInAnotherStream_WithAddressesOfItsOwn()
    {
        var callSid = await LiveCallAsync();

        var twiml = await AskAsync(TwilioRequest.StreamEnded(callSid));

        Assert.Equal(
            """<Response><Connect action="https://voice.example/stream-ended/2" method="POST"><Stream url="wss://voice.example/media-stream" """
            + $"""statusCallback="https://voice.example/stream-status/2"><Parameter name="token" value="{TestTwiml.Token(twiml)}" /></Stream></Connect></Response>""",
            twiml);
        var grant = await _webhook.Tokens.ConsumeAsync(TestTwiml.Token(twiml), TestTimeout.Token);
        Assert.Equal(TestGrant.Of(callSid) with { Sequence = 2, TraceParent = grant?.TraceParent }, grant);
    }

    // Redis was emptied while it was live: nobody else would say that it is over.
    [Fact, Trait("Proves", "R7")]
    public async Task CallThatNobodyKnows_IsToldGoodbye_AndOver()
    {
        var callSid = TestGrant.NewCallSid();

        Assert.Equal(Goodbye, await AskAsync(TwilioRequest.StreamEnded(callSid)));

        Assert.Equal(Goodbye, await AskAsync(TwilioRequest.StreamEnded(callSid)));
        Assert.Single(_webhook.Log.Lines, line => line.Contains($"Call {callSid} is over (not_resumed)", StringComparison.Ordinal));
    }

    // Twilio asks the action of a document, too, that a redirect by REST cancels, and may begin with what that answers.
    [Fact, Trait("Proves", "R13")]
    public async Task CallThatIsRedirectedByRest_IsToldToWaitForThat_AndGoesOnThere()
    {
        var callSid = await LiveCallAsync();
        Assert.True(await _webhook.Service<CallContinuations>().TryLoseAsync(callSid, 1, TestTimeout.Token));

        Assert.Equal(
            """<Response><Pause length="6" /><Redirect method="POST">https://voice.example/stream-ended/1/rescue</Redirect></Response>""",
            await AskAsync(TwilioRequest.StreamEnded(callSid)));
        await BeginAsync(await AskAsync(TwilioRequest.Rescue(callSid)));

        // The one that was told to wait has waited in vain.
        using var late = await _webhook.SendAsync(TwilioRequest.StreamEnded(callSid));
        Assert.Equal(HttpStatusCode.Forbidden, late.StatusCode);
    }

    // What timed out runs when Redis is back, and nobody hears of it.
    [Fact, Trait("Proves", "R6")]
    public async Task CallThatRedisDoesNotAnswerFor_EndsWithAnApology_AndOneEndRecordLater()
    {
        RedisServer.Require();
        await using var redis = await RedisServer.StartAsync();
        await using var webhook = await WebhookHost.StartAsync(redis.ConnectionString);
        var callSid = await LiveCallAsync(webhook);
        redis.Freeze();

        var asking = AskAsync(webhook, TwilioRequest.StreamEnded(callSid));
        await webhook.Time.AdvanceUntilAsync(asking, Second);
        Assert.Contains("Sorry", await asking, StringComparison.Ordinal);

        redis.Thaw();
        await webhook.Time.AdvanceUntilAsync(webhook.Log.WaitForAsync($"Call {callSid} is over"), Second);
        Assert.Equal(HangUp, await AskAsync(webhook, TwilioRequest.StreamEnded(callSid)));
        Assert.Single(webhook.Log.Lines, line => line.Contains($"Call {callSid} is over", StringComparison.Ordinal));
    }

    [Fact, Trait("Proves", "R15")]
    public async Task CallWhoseCallerHungUp_IsOver_AndStaysSo()
    {
        var callSid = await LiveCallAsync();

        Assert.Equal("<Response />", await AskAsync(TwilioRequest.StreamEnded(callSid, callStatus: "completed")));
        Assert.Equal("<Response />", await AskAsync(TwilioRequest.StreamEnded(callSid, callStatus: "completed")));

        Assert.Equal(HangUp, await AskAsync(TwilioRequest.StreamEnded(callSid)));
        Assert.Single(_webhook.Log.Lines, line => line.Contains($"Call {callSid} is over (caller_left)", StringComparison.Ordinal));
    }

    [Fact, Trait("Proves", "R7")]
    public async Task CallThatItsBridgeHasEnded_IsOverOnce_ThoughRedisHasForgottenItWhenTwilioSaysSo()
    {
        var callSid = await LiveCallAsync();
        await _webhook.Service<CallEnds>().EndAsync(callSid, 1, CallEndReason.CallerLeft);
        await _webhook.Service<IConnectionMultiplexer>().GetDatabase().KeyDeleteAsync($"va:call:{callSid}");

        Assert.Equal("<Response />", await AskAsync(TwilioRequest.StreamEnded(callSid, callStatus: "completed")));

        Assert.Single(_webhook.Log.Lines, line => line.Contains($"Call {callSid} is over", StringComparison.Ordinal));
    }

    [Fact, Trait("Proves", "R27")]
    public async Task CallThatNoBridgeTakes_EndsWithAnApology_AndOneEndRecord()
    {
        var callSid = await LiveCallAsync();
        for (var sequence = 1; sequence <= 3; sequence++)
        {
            Assert.Contains($"/stream-ended/{sequence + 1}\"", await AskAsync(TwilioRequest.StreamEnded(callSid, sequence)), StringComparison.Ordinal);
        }

        Assert.Contains("Sorry", await AskAsync(TwilioRequest.StreamEnded(callSid, 4)), StringComparison.Ordinal);

        Assert.Equal(HangUp, await AskAsync(TwilioRequest.StreamEnded(callSid, 4)));
        Assert.Single(_webhook.Log.Lines, line => line.Contains($"Call {callSid} is over (not_resumed)", StringComparison.Ordinal));
    }

    // The only bridge is being replaced: asked at once, Twilio would be refused three times within milliseconds.
    [Fact, Trait("Proves", "R27")]
    public async Task CallThatNoBridgeTakes_IsToldToWait_BeforeItIsTriedAgain()
    {
        var callSid = await LiveCallAsync();
        Assert.StartsWith("<Response><Connect ", await AskAsync(TwilioRequest.StreamEnded(callSid)), StringComparison.Ordinal);

        foreach (var sequence in (int[])[2, 3])
        {
            Assert.StartsWith(
                """<Response><Say language="en-US">One moment, please.</Say><Pause length="4" /><Connect """,
                await AskAsync(TwilioRequest.StreamEnded(callSid, sequence)), StringComparison.Ordinal);
        }
    }

    [Fact, Trait("Proves", "T-R1")]
    public async Task CapturedRequest_IsRefused_WhileTheNextStreamIsLive()
    {
        var callSid = await LiveCallAsync();
        await BeginAsync(await AskAsync(TwilioRequest.StreamEnded(callSid)));

        using var replayed = await _webhook.SendAsync(TwilioRequest.StreamEnded(callSid));

        Assert.Equal(HttpStatusCode.Forbidden, replayed.StatusCode);
        await RefusalBody.AssertSaysNothingElseAsync(replayed);
    }

    // The number is in the URL, and the URL in the signature.
    [Fact, Trait("Proves", "T-R1")]
    public async Task CapturedRequest_IsRefused_ForAnotherStreamThanItsOwn()
    {
        var callSid = await LiveCallAsync();
        await BeginAsync(await AskAsync(TwilioRequest.StreamEnded(callSid)));
        var captured = TwilioRequest.StreamEnded(callSid);

        using var response = await _webhook.SendAsync(captured with { Path = "/stream-ended/2", SignedUrl = WebhookHost.PublicUrl + "/stream-ended/1" });

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory, Trait("Proves", "T-S4")]
    [InlineData("/stream-ended")]
    [InlineData("/stream-ended/0")]
    [InlineData("/stream-ended/10")]
    [InlineData("/stream-ended/x")]
    [InlineData("/stream-ended/1/")]
    [InlineData("/Stream-Ended/1")]
    [InlineData("/stream-status/1/x")]
    [InlineData("/stream-status/1/rescue")]
    [InlineData("/stream-ended/1/rescue/")]
    [InlineData("/stream-ended/0/rescue")]
    public async Task OtherPaths_AreNone(string path)
    {
        using var response = await _webhook.SendAsync(TwilioRequest.StreamEnded(TestGrant.NewCallSid()) with { Path = path, SignedUrl = WebhookHost.PublicUrl + path });

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory, Trait("Proves", "T-W4")]
    [InlineData("Direction", "outbound-api")]
    [InlineData("CallSid", "CA1")]
    [InlineData("From", "")]
    public async Task SignedForm_IsRefused_WhenItIsNoInboundCall(string name, string value)
    {
        var request = TwilioRequest.StreamEnded(TestGrant.NewCallSid());

        using var response = await _webhook.SendAsync(new TwilioRequest(request.Path, request.Fields.With(name, value)));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact, Trait("Proves", "T-W1")]
    public async Task StreamEnded_IsRefusedWithoutAWord_Unsigned()
    {
        foreach (var request in (TwilioRequest[])[TwilioRequest.StreamEnded(TestGrant.NewCallSid()), TwilioRequest.StreamStatus(TestGrant.NewCallSid())])
        {
            using var response = await _webhook.SendAsync(request with { AuthToken = "54321" });

            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            await RefusalBody.AssertSaysNothingElseAsync(response);
        }
    }

    // The caller hung up before there was a stream, and nobody says so.
    [Fact, Trait("Proves", "R15")]
    public async Task CallWhoseStreamNeverComes_IsOverAfterAWhile()
    {
        await using var webhook = await WebhookHost.StartAsync(fixture.Redis.ConnectionString);
        var request = TwilioRequest.NewCall();
        var callSid = request.Fields.Single(field => field.Key == "CallSid").Value;
        (await webhook.SendAsync(request)).Dispose();

        webhook.Time.Advance(TimeSpan.FromSeconds(75));

        await webhook.Log.WaitForAsync($"Call {callSid} is over (caller_lost)");
    }

    // They hung up between two streams, and Twilio's request was cut off: its token is nobody's.
    [Fact, Trait("Proves", "R15")]
    public async Task CallWhoseCallerDoesNotWaitForTheAnswer_IsOverAfterAWhile()
    {
        await using var webhook = await WebhookHost.StartAsync(fixture.Redis.ConnectionString);
        var callSid = await LiveCallAsync(webhook);
        var asked = new TwilioForm([.. TwilioRequest.StreamEnded(callSid).Fields]);

        // Or Redis is faster.
        await Record.ExceptionAsync(
            () => webhook.Service<StreamEndedHandler>().AnswerAsync(asked, sequence: 1, isRescue: false, new CancellationToken(canceled: true)));

        await webhook.Time.AdvanceUntilAsync(webhook.Log.WaitForAsync($"Call {callSid} is over (caller_lost)"), Second);
    }

    private Task<string> AskAsync(TwilioRequest request) => AskAsync(_webhook, request);

    private static async Task<string> AskAsync(WebhookHost webhook, TwilioRequest request)
    {
        using var response = await webhook.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/xml; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return await TestTwiml.ReadAsync(response);
    }

    /// <returns>A call whose stream is at a bridge.</returns>
    private Task<string> LiveCallAsync() => LiveCallAsync(_webhook);

    private static async Task<string> LiveCallAsync(WebhookHost webhook)
    {
        var request = TwilioRequest.NewCall();
        await BeginAsync(webhook, await AskAsync(webhook, request));
        return request.Fields.Single(field => field.Key == "CallSid").Value;
    }

    private Task BeginAsync(string twiml) => BeginAsync(_webhook, twiml);

    private static async Task BeginAsync(WebhookHost webhook, string twiml)
    {
        var grant = await webhook.Tokens.ConsumeAsync(TestTwiml.Token(twiml), TestTimeout.Token);
        Assert.NotNull(await webhook.Service<CallLeases>().TakeAsync(grant!, TestTimeout.Token));
    }
}
