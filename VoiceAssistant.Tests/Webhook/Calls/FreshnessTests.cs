using System.Net;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Webhook.Calls;

public sealed class FreshnessTests : IDisposable
{
    private const string Here = "http://localhost:5050";

    private readonly EmbeddedRedis _redis = new();

    public void Dispose() => _redis.Dispose();

    [Theory, Trait("Proves", "T-R3"), Trait("Proves", "R20")]
    [InlineData(0, HttpStatusCode.OK)]
    [InlineData(59, HttpStatusCode.OK)]
    [InlineData(-59, HttpStatusCode.OK)]
    [InlineData(61, HttpStatusCode.Forbidden)]
    [InlineData(-61, HttpStatusCode.Forbidden)]
    [InlineData(300, HttpStatusCode.Forbidden)]
    [InlineData(-3600, HttpStatusCode.Forbidden)]
    public async Task Request_IsTaken_WithinAMinuteOfItsSigning(int seconds, HttpStatusCode expected)
    {
        await using var webhook = await WebhookHost.StartAsync(_redis.ConnectionString);
        if (seconds < 0)
        {
            // A FakeTimeProvider does not go back.
            webhook.Time.AdjustTime(webhook.Time.GetUtcNow().AddSeconds(seconds));
        }
        else
        {
            webhook.Time.Advance(TimeSpan.FromSeconds(seconds));
        }

        Assert.Equal(expected, await AskAsync(webhook, TwilioRequest.NewCall()));
        Assert.Equal(
            expected is HttpStatusCode.Forbidden,
            webhook.Log.Lines.Any(line => line.Contains($"signed {seconds} s ago", StringComparison.Ordinal) && line.Contains("clock", StringComparison.Ordinal)));
    }

    [Theory, Trait("Proves", "T-R3")]
    [InlineData("999999999999")]
    [InlineData("000000000000")]
    public async Task Request_IsRefused_FromAnotherAge(string forwardedAt)
    {
        await using var webhook = await WebhookHost.StartAsync(_redis.ConnectionString);

        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(webhook, TwilioRequest.NewCall(("VaForwardedAt", forwardedAt))));
    }

    [Theory, Trait("Proves", "T-R3")]
    [InlineData(WebhookHost.PublicUrl, "", HttpStatusCode.Forbidden)]
    [InlineData(WebhookHost.PublicUrl, "true", HttpStatusCode.Forbidden)]
    [InlineData(WebhookHost.PublicUrl, "false", HttpStatusCode.OK)]
    [InlineData(Here, "", HttpStatusCode.OK)]
    [InlineData(Here, "true", HttpStatusCode.Forbidden)]
    public async Task Request_NeedsATime_UnlessTheSettingOrTheAddressSaysNo(string publicUrl, string required, HttpStatusCode expected)
    {
        await using var webhook = await WebhookHost.StartAsync(
            _redis.ConnectionString, ("PUBLIC_URL", publicUrl), ("REQUIRE_FORWARDED_AT", required));
        var call = TwilioRequest.NewCall();
        var undated = new TwilioRequest(call.Path, call.Fields.Without("VaForwardedAt")) { SignedUrl = publicUrl + call.Path };

        Assert.Equal(expected, await AskAsync(webhook, undated));
        Assert.Equal(
            expected is HttpStatusCode.Forbidden,
            webhook.Log.Lines.Any(line => line.Contains("REQUIRE_FORWARDED_AT=false", StringComparison.Ordinal)));
    }

    [Theory, Trait("Proves", "T-R3")]
    [InlineData(WebhookHost.PublicUrl, "false")]
    [InlineData(Here, "")]
    public async Task Time_IsChecked_WhereverThereIsOne(string publicUrl, string required)
    {
        await using var webhook = await WebhookHost.StartAsync(
            _redis.ConnectionString, ("PUBLIC_URL", publicUrl), ("REQUIRE_FORWARDED_AT", required));
        webhook.Time.Advance(TimeSpan.FromSeconds(61));
        var call = TwilioRequest.NewCall();

        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(webhook, call with { SignedUrl = publicUrl + call.Path }));
    }

    private static async Task<HttpStatusCode> AskAsync(WebhookHost webhook, TwilioRequest request)
    {
        using var response = await webhook.SendAsync(request);
        if (response.StatusCode is HttpStatusCode.Forbidden)
        {
            await RefusalBody.AssertSaysNothingElseAsync(response);
        }

        return response.StatusCode;
    }
}
