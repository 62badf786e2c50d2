using System.Net;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Webhook.Calls;

[Trait("Proves", "T-W10")]
public sealed class RequestRateTests : IAsyncLifetime
{
    private const int Burst = 100;

    private readonly EmbeddedRedis _redis = new();
    private WebhookHost _webhook = null!;

    public async ValueTask InitializeAsync() => _webhook = await WebhookHost.StartAsync(_redis.ConnectionString);

    public async ValueTask DisposeAsync()
    {
        await _webhook.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task Flood_IsStopped_AndACallGetsThrough_OnceThereIsRoom()
    {
        await FloodAsync(() => From("198.51.100.1", Forged()));

        var status = HttpStatusCode.TooManyRequests;
        for (var bound = TestTimeout.Token; status is HttpStatusCode.TooManyRequests; bound.ThrowIfCancellationRequested())
        {
            status = await SendAsync(From("198.51.100.1", TwilioRequest.NewCall()));
        }

        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Flood_IsStopped_BeforeItsBodyIsRead()
    {
        var head = "POST /incoming-call HTTP/1.1\r\nHost: voice.example\r\nX-Forwarded-For: 198.51.100.1\r\n"
            + $"X-Twilio-Signature: {TwilioRequest.IncomingCall.Signature}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n";
        var waiting = await Task.WhenAll(Enumerable.Range(0, 2 * Burst).Select(_ => _webhook.SendRawAsync(head)));

        // The bodies never come, so whoever is answered was not read.
        var answered = await await Task.WhenAny(waiting.Select(async stream =>
            await new StreamReader(stream, leaveOpen: true).ReadLineAsync(TestTimeout.Token)));

        Assert.Equal("HTTP/1.1 429 Too Many Requests", answered);
        foreach (var stream in waiting)
        {
            await stream.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("forged")]
    public async Task Flood_WithoutSignatures_TakesNoRoomFromACall(string? signature)
    {
        await FloodAsync(() =>
        {
            var request = TwilioRequest.IncomingCall.ToMessage();
            request.Headers.Remove(TwilioSignature.HeaderName);
            if (signature is not null)
            {
                request.Headers.Add(TwilioSignature.HeaderName, signature);
            }

            return request;
        });

        Assert.Equal(HttpStatusCode.OK, await SendAsync(TwilioRequest.NewCall().ToMessage()));
    }

    [Fact]
    public async Task Flood_OfOneClient_TakesNoRoomFromAnother()
    {
        await FloodAsync(() => From("198.51.100.1", Forged()));

        Assert.Equal(HttpStatusCode.OK, await SendAsync(From("203.0.113.7", TwilioRequest.NewCall())));
    }

    // Behind a proxy that does not say who asks, a limit for one client would be a switch for all.
    [Fact]
    public async Task Flood_OfNobodyKnowsWhom_TakesNoRoomFromACall()
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, 3 * Burst).Select(_ => SendAsync(Forged().ToMessage())));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.Forbidden, status));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(TwilioRequest.NewCall().ToMessage()));
    }

    [Fact]
    public async Task Health_IsAsked_AsOftenAsSomebodyLikes()
    {
        for (var request = 0; request < 2 * Burst; request++)
        {
            Assert.Equal(HttpStatusCode.OK, await SendAsync(new(HttpMethod.Get, "/alive")));
        }
    }

    [Fact]
    public async Task Calls_AreNotCounted_OnThisMachine()
    {
        const string Here = "http://localhost:5050";
        await using var webhook = await WebhookHost.StartAsync(_redis.ConnectionString, ("PUBLIC_URL", Here));

        var statuses = await Task.WhenAll(Enumerable.Range(0, 3 * Burst).Select(async _ =>
        {
            var call = TwilioRequest.NewCall();
            using var response = await webhook.SendAsync(call with { SignedUrl = Here + call.Path });
            return response.StatusCode;
        }));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
    }

    private static TwilioRequest Forged() => TwilioRequest.NewCall() with { AuthToken = "54321" };

    // As the proxy before us says it.
    private static HttpRequestMessage From(string client, TwilioRequest request)
    {
        var message = request.ToMessage();
        message.Headers.Add("X-Forwarded-For", client);
        return message;
    }

    private async Task FloodAsync(Func<HttpRequestMessage> create)
    {
        for (var bound = TestTimeout.Token; ; bound.ThrowIfCancellationRequested())
        {
            var statuses = await Task.WhenAll(Enumerable.Range(0, 2 * Burst).Select(_ => SendAsync(create())));
            Assert.All(statuses, status => Assert.True(status is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests, $"{status}"));
            if (statuses.Contains(HttpStatusCode.TooManyRequests))
            {
                return;
            }
        }
    }

    private async Task<HttpStatusCode> SendAsync(HttpRequestMessage request)
    {
        using var response = await _webhook.SendAsync(request);
        if (response.StatusCode is HttpStatusCode.TooManyRequests)
        {
            await RefusalBody.AssertSaysNothingElseAsync(response);
        }

        return response.StatusCode;
    }
}
