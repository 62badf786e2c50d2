using System.Net;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Webhook.Calls;

/// <summary>Twilio's signature holds for ever; a call does not (THREATS 3.8).</summary>
public sealed class ReplayTests(WebhookFixture fixture) : IClassFixture<WebhookFixture>
{
    private readonly TwilioRequest _request = TwilioRequest.NewCall();

    [Fact, Trait("Proves", "T-R1")]
    public async Task Replay_IsRefusedWithoutAWord_OnceTheTokenIsUsed()
    {
        var token = await AskAsync(fixture.Webhook);
        Assert.NotNull(await ConsumeAsync(token));

        Assert.Null(await AskAsync(fixture.Webhook));
    }

    [Fact, Trait("Proves", "T-R2")]
    public async Task Repetition_GetsTheOneTokenThatCounts_AndTheThirdGetsNone()
    {
        var first = await AskAsync(fixture.Webhook);
        var second = await AskAsync(fixture.Webhook);

        Assert.Null(await AskAsync(fixture.Webhook));
        Assert.Null(await ConsumeAsync(first));
        Assert.NotNull(await ConsumeAsync(second));
    }

    [Fact, Trait("Proves", "T-R4")]
    public async Task Replay_IsRefused_ByAWebhookThatHasRestarted()
    {
        await using (var former = await WebhookHost.StartAsync(fixture.Redis.ConnectionString))
        {
            Assert.NotNull(await ConsumeAsync(await AskAsync(former)));
        }

        await using var restarted = await WebhookHost.StartAsync(fixture.Redis.ConnectionString);

        Assert.Null(await AskAsync(restarted));
    }

    /// <returns>The token; null if the request was refused.</returns>
    private async Task<string?> AskAsync(WebhookHost webhook)
    {
        using var response = await webhook.SendAsync(_request);
        var body = await response.Content.ReadAsStringAsync(TestTimeout.Token);
        if (response.StatusCode is HttpStatusCode.OK)
        {
            return TestTwiml.Token(body);
        }

        Assert.Equal((HttpStatusCode.Forbidden, RefusalBody.Of(HttpStatusCode.Forbidden)), (response.StatusCode, body));
        return null;
    }

    private Task<StreamGrant?> ConsumeAsync(string? token) =>
        fixture.Webhook.Tokens.ConsumeAsync(token!, TestTimeout.Token);
}
