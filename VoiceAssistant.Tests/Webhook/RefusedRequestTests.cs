using System.Net;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Webhook;

/// <summary>A refusal tells a stranger its status, and a developer the reason.</summary>
[Trait("Proves", "T-S9")]
public sealed class RefusedRequestTests : IDisposable
{
    // No address that a webhook of a developer's would look for in the network.
    private const string PublicUrl = "http://localhost";

    private static readonly TwilioRequest Call = TwilioRequest.NewCall();

    private static readonly Dictionary<string, (HttpStatusCode Status, string? Reason, Func<TwilioRequest> Create, Action<HttpRequestMessage>? Change)> Refused = new()
    {
        ["no signature"] = (HttpStatusCode.Forbidden, "needs one X-Twilio-Signature", () => Call, message => message.Headers.Remove(TwilioSignature.HeaderName)),
        ["query"] = (HttpStatusCode.Forbidden, "no query", () => Call with { Path = "/incoming-call?secret=word" }, null),
        ["no form"] = (HttpStatusCode.Forbidden, "not a form", () => Call, message => message.Content = new StringContent("a=b")),
        ["wrong signature"] = (HttpStatusCode.Forbidden, $"for {PublicUrl}/incoming-call: check TWILIO_AUTH_TOKEN and PUBLIC_URL", () => Call with { AuthToken = "54321" }, null),
        ["wrong signature, a browser's"] = (HttpStatusCode.Forbidden, "check TWILIO_AUTH_TOKEN", () => Call with { AuthToken = "54321" }, message => message.Headers.Add("Accept", "text/html")),
        ["no call"] = (HttpStatusCode.Forbidden, "no inbound call of ours: Direction is not inbound", () => TwilioRequest.NewCall(("Direction", "outbound-api")), null),
        ["no time"] = (HttpStatusCode.Forbidden, "set REQUIRE_FORWARDED_AT=false", () => new("/incoming-call", Call.Fields.Without("VaForwardedAt")), null),
        ["another time"] = (HttpStatusCode.Forbidden, "more than 60 s", () => TwilioRequest.NewCall(("VaForwardedAt", "1700000000")), null),
        ["no call whose stream ended"] = (HttpStatusCode.Forbidden, "no inbound call of ours: From is missing", () => new("/stream-ended/1", Call.Fields.With("From", "")), null),
        ["no call whose stream tells"] = (HttpStatusCode.Forbidden, "names no call", () => TwilioRequest.StreamStatus("CA1"), null),
        ["too long"] = (HttpStatusCode.RequestEntityTooLarge, "body too large", () => Call, message => message.Content = Long()),
        ["trailing slash"] = (HttpStatusCode.NotFound, "for /incoming-call only", () => Call with { Path = "/incoming-call/" }, null),
        ["other path"] = (HttpStatusCode.NotFound, null, () => Call with { Path = "/secret-word" }, null),
        ["GET"] = (HttpStatusCode.MethodNotAllowed, null, () => Call, message => (message.Method, message.Content) = (HttpMethod.Get, null)),
    };

    private readonly EmbeddedRedis _redis = new();

    public static TheoryData<string> Names => [.. Refused.Keys];

    public void Dispose() => _redis.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Reason_IsTold_InDevelopmentOnly(string refusal)
    {
        var (status, reason, create, change) = Refused[refusal];
        foreach (var environment in (string[])["Local", "Development"])
        {
            await using var webhook = await StartAsync(environment);
            using var message = Signed(create()).ToMessage();
            change?.Invoke(message);

            using var response = await webhook.SendAsync(message);

            Assert.Equal((environment, status), (environment, response.StatusCode));
            if (environment is "Development")
            {
                await AssertTellsAsync(response, reason);
            }
            else
            {
                await RefusalBody.AssertSaysNothingElseAsync(response);
            }
        }
    }

    [Fact]
    public async Task Replay_IsToldToBeOne_InDevelopment()
    {
        await using var webhook = await StartAsync("Development");
        foreach (var status in (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Forbidden])
        {
            using var response = await webhook.SendAsync(Signed(Call));

            Assert.Equal(status, response.StatusCode);
            if (status is HttpStatusCode.Forbidden)
            {
                await AssertTellsAsync(response, "it is a replay");
            }
        }
    }

    private static async Task AssertTellsAsync(HttpResponseMessage response, string? reason)
    {
        var told = await RefusalBody.ReadReasonAsync(response);
        Assert.Equal(reason is null, told is null);
        Assert.Contains(reason ?? "", told ?? "", StringComparison.Ordinal);
        Assert.All(
            (string[])[CallForm.From, CallForm.To, Call.Fields.Single(field => field.Key == "CallSid").Value, Signed(Call).Signature, WebhookHost.AuthToken, "secret"],
            word => Assert.DoesNotContain(word, told ?? "", StringComparison.Ordinal));
    }

    private static TwilioRequest Signed(TwilioRequest request) =>
        request with { SignedUrl = request.SignedUrl.Replace(WebhookHost.PublicUrl, PublicUrl, StringComparison.Ordinal) };

    private static FormUrlEncodedContent Long() => new(Enumerable.Range(0, 20).Select(n => KeyValuePair.Create($"A{n}", new string('a', 2000))));

    private Task<WebhookHost> StartAsync(string environment) => WebhookHost.StartAsync(
        _redis.ConnectionString, ("environment", environment), ("PUBLIC_URL", PublicUrl), ("REQUIRE_FORWARDED_AT", "true"));
}
