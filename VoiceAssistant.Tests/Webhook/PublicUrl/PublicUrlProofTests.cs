using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Webhook.PublicUrl;

namespace VoiceAssistant.Tests.Webhook.PublicUrl;

[Trait("Proves", "R18")]
public sealed class PublicUrlProofTests : IDisposable
{
    private const string Nonce = "0123456789abcdef0123456789abcdef";

    private readonly EmbeddedRedis _redis = new();

    public void Dispose() => _redis.Dispose();

    // Also in the middle of a rotation, when some replicas have the settings of before.
    [Theory]
    [InlineData("OLD", "OLD", true)]
    [InlineData("OLD", "NEW,OLD", true)]
    [InlineData("NEW,OLD", "OLD", true)]
    [InlineData("NEW,OLD", "NEW", true)]
    [InlineData("NEW", "NEW,OLD", true)]
    [InlineData("NEW", "OLD", false)]
    [InlineData("NEW", "OTHER,OLD", false)]
    public async Task Replica_IsKnown_ByAnyTokenThatBothHave(string asking, string answering, bool isKnown)
    {
        await using var webhook = await WebhookHost.StartAsync(_redis.ConnectionString, ("TWILIO_AUTH_TOKEN", answering));

        Assert.Equal(isKnown, PublicUrlProof.IsValid(asking.Split(','), Nonce, (await AskAsync(webhook, "/health", Nonce))!));
    }

    [Fact]
    public async Task Replica_IsKnown_ThoughItIsNotReady()
    {
        await using var webhook = await WebhookHost.StartImpatientAsync("127.0.0.1:1");

        Assert.True(PublicUrlProof.IsValid([WebhookHost.AuthToken], Nonce, (await AskAsync(webhook, "/health", Nonce, HttpStatusCode.ServiceUnavailable))!));
    }

    [Theory]
    [InlineData("/health", null)]
    [InlineData("/health", "")]
    [InlineData("/health", "0123456789abcdef0123456789abcde")]
    [InlineData("/health", "0123456789abcdef0123456789abcdef0")]
    [InlineData("/health", "0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("/health", "0123456789abcdef0123456789abcdeg")]
    [InlineData("/alive", Nonce)]
    public async Task Stranger_GetsNoProof_OfAnythingElse(string path, string? nonce)
    {
        await using var webhook = await WebhookHost.StartAsync(_redis.ConnectionString);

        Assert.Null(await AskAsync(webhook, path, nonce));
    }

    [Fact]
    public void Proof_IsForOneNonce()
    {
        var proof = PublicUrlProof.Create(["TOKEN"], Nonce);

        Assert.True(PublicUrlProof.IsValid(["TOKEN"], Nonce, proof));
        Assert.False(PublicUrlProof.IsValid(["TOKEN"], PublicUrlProof.CreateNonce(), proof));
        Assert.False(PublicUrlProof.IsValid(["TOKEN"], Nonce, ""));
        Assert.False(PublicUrlProof.IsValid([], Nonce, proof));
    }

    // The one that stands at another address, or comes after a failure, may be good; the one that Twilio gets is not.
    [Theory]
    [InlineData(HttpStatusCode.Found)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task FirstAnswer_Counts(HttpStatusCode status)
    {
        var asked = 0;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var other = builder.Build();
        other.Run(context =>
        {
            asked++;
            context.Response.StatusCode = (int)status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });
        await other.StartAsync(TestTimeout.Token);
        await using var webhook = await WebhookHost.StartAsync(_redis.ConnectionString);
        using var client = webhook.Service<IHttpClientFactory>().CreateClient(PublicUrlProbe.Client);

        using var response = await client.GetAsync(new Uri(other.Urls.Single()), TestTimeout.Token);

        Assert.Equal((status, 1), (response.StatusCode, asked));
    }

    [Fact]
    public async Task Service_TakesCalls_AndSaysWhatIsWrong_WhereItsAddressLeadsNowhere()
    {
        await using var webhook = await RunningService.StartAsync("VoiceAssistant.Webhook", new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["TWILIO_AUTH_TOKEN"] = WebhookHost.AuthToken,
            // Nobody's name: https://www.rfc-editor.org/rfc/rfc6761#section-6.4.
            ["PUBLIC_URL"] = "https://voice.invalid",
            ["ConnectionStrings__redis"] = _redis.ConnectionString,
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        });
        for (var end = TestTimeout.Token; await webhook.Client.GetStringAsync(new Uri(webhook.Addresses[0], "/health"), end) is not "Degraded";)
        {
            await Task.Delay(50, end);
        }

        webhook.Terminate();
        Assert.Contains("PUBLIC_URL (https://voice.invalid) does not lead here", (await webhook.ExitAsync()).Output, StringComparison.Ordinal);
    }

    private static async Task<string?> AskAsync(WebhookHost webhook, string path, string? nonce, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (nonce is not null)
        {
            request.Headers.Add(PublicUrlProof.NonceName, nonce);
        }

        using var response = await webhook.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
        return response.Headers.TryGetValues(PublicUrlProof.HeaderName, out var proofs) ? Assert.Single(proofs) : null;
    }
}
