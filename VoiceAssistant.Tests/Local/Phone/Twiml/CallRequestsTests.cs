using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Local.Phone.Twiml;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone.Twiml;

public sealed class CallRequestsTests
{
    // The phone stands for Twilio and for the Function: the webhook behind a public address takes its calls as it takes theirs.
    [Fact, Trait("Proves", "T-R3")]
    public async Task Call_IsFresh_ForAWebhookWithAPublicAddress()
    {
        using var redis = new EmbeddedRedis();
        await using var webhook = await WebhookHost.StartAsync(redis.ConnectionString, ("REQUIRE_FORWARDED_AT", "true"));
        var line = new PhoneLine(
            WebhookHost.PublicUrl + "/incoming-call", WebhookHost.AuthToken, FakeTwilioStream.AccountSid, CallForm.From, CallForm.To);
        using var http = new HttpClient(new Tunnel(webhook.Client.BaseAddress!));

        var twiml = await new CallRequests(line, TestGrant.NewCallSid(), http, webhook.Time).DialAsync(TestTimeout.Token);

        Assert.Equal("Connect", Assert.Single(twiml.Verbs).Name);
    }

    private sealed class Tunnel(Uri server) : DelegatingHandler(new HttpClientHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(server, request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
