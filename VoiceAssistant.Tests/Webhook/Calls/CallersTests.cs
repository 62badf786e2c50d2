using System.Net;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Webhook.Calls;

/// <summary>Authentic calls of callers who are not to be talked with.</summary>
public sealed class CallersTests : IDisposable
{
    private const string Rejection = "<Response><Reject /></Response>";

    private readonly EmbeddedRedis _redis = new();

    public void Dispose() => _redis.Dispose();

    [Theory, Trait("Proves", "T-C2")]
    [InlineData("", CallForm.From, true)]
    [InlineData("", "anonymous", true)]
    [InlineData(CallForm.From, CallForm.From, true)]
    [InlineData("+442071838750, " + CallForm.From + ",", CallForm.From, true)]
    [InlineData("+442071838750", CallForm.From, false)]
    [InlineData(CallForm.From, "+141555501001", false)]
    [InlineData(CallForm.From, "+1415555010", false)]
    [InlineData(CallForm.From, "anonymous", false)]
    [InlineData(CallForm.From, "Restricted", false)]
    [InlineData(CallForm.From, "+266696687", false)]
    [InlineData("", "client:alice", true)]
    [InlineData("client:alice", "client:alice", true)]
    [InlineData("client:alice", "client:Alice", false)]
    [InlineData(CallForm.From, "client:alice", false)]
    [InlineData("sip:bob@Sip.example:5060", "sip:bob@sip.EXAMPLE;user=phone", true)]
    [InlineData("sip:bob@sip.example", "sip:eve@sip.example", false)]
    [InlineData("sip:bob@sip.example", "sip:bob@sip.example.evil.example", false)]
    [InlineData("", "sip:anonymous@anonymous.invalid", true)]
    [InlineData("sip:bob@sip.example", "sip:anonymous@anonymous.invalid", false)]
    [InlineData("whatsapp:" + CallForm.From, "whatsapp:" + CallForm.From, true)]
    [InlineData(CallForm.From, "whatsapp:" + CallForm.From, false)]
    [InlineData(CallForm.From, "sip:" + CallForm.From + "@evil.example", false)]
    public async Task Call_IsAnswered_OfAllowedCallersOnly(string allowed, string from, bool expected)
    {
        using var redis = new RecordingProxy(_redis.ConnectionString);
        await using var webhook = await WebhookHost.StartAsync(redis.ConnectionString, ("ALLOWED_NUMBERS", allowed));
        var before = redis.Count("va:");

        var twiml = await AskAsync(webhook, TwilioRequest.NewCall(("From", from), ("Caller", from)));

        Assert.Equal(expected, twiml.Contains("<Stream", StringComparison.Ordinal));
        if (!expected)
        {
            Assert.Equal(Rejection, twiml);
            Assert.Equal(before, redis.Count("va:"));
            Assert.DoesNotContain(webhook.Log.Lines, line => line.Contains(from, StringComparison.Ordinal));
        }
    }

    [Fact, Trait("Proves", "T-C1")]
    public async Task Caller_HearsWhy_WhoseNumberIsNotTheirs()
    {
        using var redis = new RecordingProxy(_redis.ConnectionString);
        await using var webhook = await WebhookHost.StartAsync(redis.ConnectionString);
        var before = redis.Count("va:");

        var twiml = await AskAsync(webhook, TwilioRequest.NewCall(("StirVerstat", "TN-Validation-Failed-C")));

        Assert.StartsWith("<Response><Say language=\"en-US\">Sorry, your call cannot be taken", twiml, StringComparison.Ordinal);
        Assert.EndsWith("</Say><Hangup /></Response>", twiml, StringComparison.Ordinal);
        Assert.Equal(before, redis.Count("va:"));
    }

    private static async Task<string> AskAsync(WebhookHost webhook, TwilioRequest request)
    {
        using var response = await webhook.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await TestTwiml.ReadAsync(response);
    }
}
