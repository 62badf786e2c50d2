using System.Net;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Webhook.Calls;

public sealed class CallEndpointsTests(WebhookFixture fixture) : IClassFixture<WebhookFixture>
{
    private readonly WebhookHost _webhook = fixture.Webhook;

    [Fact, Trait("Proves", "T-W9")]
    public async Task IncomingCall_IsConnectedToTheStream()
    {
        using var response = await _webhook.SendAsync(TwilioRequest.NewCall());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/xml; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        var twiml = await TestTwiml.ReadAsync(response);
        Assert.Equal(
            """<Response><Connect action="https://voice.example/stream-ended/1" method="POST"><Stream url="wss://voice.example/media-stream" """
            + """statusCallback="https://voice.example/stream-status/1">"""
            + $"""<Parameter name="token" value="{TestTwiml.Token(twiml)}" /></Stream></Connect></Response>""",
            twiml);
        Assert.Matches(@"\A[A-Za-z0-9_-]{43}\z", TestTwiml.Token(twiml));
    }

    [Fact, Trait("Proves", "T-C1")]
    public async Task IncomingCall_GetsATokenForThisCallAndCaller()
    {
        var request = TwilioRequest.NewCall();
        var token = TestTwiml.Token(await AnswerAsync(_webhook, request));

        var grant = await _webhook.Tokens.ConsumeAsync(token, TestTimeout.Token);

        var callSid = request.Fields.Single(field => field.Key == "CallSid").Value;
        Assert.Equal(
            new StreamGrant(callSid, FakeTwilioStream.AccountSid, CallForm.From, CallForm.To, "TN-Validation-Passed-A") { Sequence = 1, TraceParent = grant?.TraceParent },
            grant);
    }

    [Theory, Trait("Proves", "T-W7")]
    [InlineData("Host", "evil.example")]
    [InlineData("X-Forwarded-Host", "evil.example")]
    [InlineData("X-Forwarded-Proto", "http")]
    [InlineData("X-Forwarded-For", "192.0.2.1")]
    [InlineData("X-Forwarded-Prefix", "/evil")]
    [InlineData("X-Original-Host", "evil.example")]
    [InlineData("Forwarded", "host=evil.example;proto=http")]
    [InlineData("X-HTTP-Method-Override", "GET")]
    [InlineData("X-Original-URL", "/stream-ended")]
    public async Task IncomingCall_IsAnswered_WhateverAProxyClaims(string name, string value)
    {
        // Believed from any peer by the switch that some platforms set.
        await using var webhook = await WebhookHost.StartAsync(fixture.Redis.ConnectionString, ("ForwardedHeaders_Enabled", "true"));
        var request = TwilioRequest.NewCall().ToMessage();
        request.Headers.Add(name, value);

        using var response = await webhook.SendAsync(request);

        var twiml = await TestTwiml.ReadAsync(response);
        Assert.Contains("\"wss://voice.example/media-stream\"", twiml, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", twiml, StringComparison.Ordinal);
    }

    [Fact, Trait("Proves", "T-W7")]
    public async Task SignatureForTheClaimedHost_IsRefused()
    {
        await using var webhook = await WebhookHost.StartAsync(fixture.Redis.ConnectionString, ("ForwardedHeaders_Enabled", "true"));
        var request = (TwilioRequest.IncomingCall with { SignedUrl = "https://evil.example/incoming-call" }).ToMessage();
        request.Headers.Host = "evil.example";
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("X-Forwarded-Proto", "https");

        using var response = await webhook.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory, Trait("Proves", "T-W11")]
    [InlineData("From", "\"><Say>")]
    [InlineData("CallSid", "CA\"><Say>")]
    [InlineData("CallerName", "\"/></Stream></Connect><Say>&amp;")]
    [InlineData("Injected", "]]><Hangup/>")]
    public async Task Twiml_HoldsNoWordOfTheRequest(string name, string value)
    {
        using var response = await _webhook.SendAsync(TwilioRequest.NewCall((name, value)));

        var twiml = await TestTwiml.ReadAsync(response);
        Assert.DoesNotContain("Say", twiml, StringComparison.Ordinal);
        Assert.DoesNotContain("Hangup", twiml, StringComparison.Ordinal);
        Assert.Equal(name is "From" or "CallSid" ? HttpStatusCode.Forbidden : HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task SignedForm_IsRefusedWithoutAWord_WhenItIsNoInboundCall()
    {
        var before = fixture.Redis.Count("va:");

        using var response = await _webhook.SendAsync(TwilioRequest.NewCall(("Direction", "outbound-api")));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        await RefusalBody.AssertSaysNothingElseAsync(response);
        Assert.Equal(before, fixture.Redis.Count("va:"));
    }

    [Theory, Trait("Proves", "T-W4")]
    [InlineData(HttpStatusCode.OK, FakeTwilioStream.AccountSid)]
    [InlineData(HttpStatusCode.Forbidden, "AC00000000000000000000000000000001")]
    public async Task IncomingCall_IsTaken_OfOurAccountOnly(HttpStatusCode expected, string accountSid)
    {
        await using var webhook = await WebhookHost.StartAsync(fixture.Redis.ConnectionString, ("TWILIO_ACCOUNT_SID", accountSid));

        using var response = await webhook.SendAsync(TwilioRequest.NewCall());

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory, Trait("Proves", "T-W12")]
    [InlineData(HttpStatusCode.OK, "current")]
    [InlineData(HttpStatusCode.OK, "next")]
    [InlineData(HttpStatusCode.Forbidden, "former")]
    [InlineData(HttpStatusCode.Forbidden, "current,next")]
    public async Task IncomingCall_IsTaken_WithEitherTokenOfARotation(HttpStatusCode expected, string authToken)
    {
        await using var webhook = await WebhookHost.StartAsync(fixture.Redis.ConnectionString, ("TWILIO_AUTH_TOKEN", "current, next"));

        using var response = await webhook.SendAsync(TwilioRequest.NewCall() with { AuthToken = authToken });

        Assert.Equal(expected, response.StatusCode);
    }

    private static async Task<string> AnswerAsync(WebhookHost webhook, TwilioRequest request)
    {
        using var response = await webhook.SendAsync(request);
        return await TestTwiml.ReadAsync(response);
    }
}
