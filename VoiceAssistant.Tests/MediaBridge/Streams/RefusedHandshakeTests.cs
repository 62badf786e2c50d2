using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

/// <summary>As RefusedRequestTests, for what is to become a stream.</summary>
[Trait("Proves", "T-S9")]
public sealed class RefusedHandshakeTests
{
    [Theory]
    [InlineData("/MEDIA-STREAM", HttpStatusCode.NotFound, "for /media-stream only")]
    [InlineData("/other", HttpStatusCode.NotFound, null)]
    [InlineData("/media-stream?secret=word", HttpStatusCode.Forbidden, "an Origin or a query")]
    [InlineData("/media-stream", HttpStatusCode.Forbidden, "check TWILIO_AUTH_TOKEN and PUBLIC_URL")]
    [InlineData("/media-stream", HttpStatusCode.UpgradeRequired, "a WebSocket")]
    [InlineData("/media-stream", HttpStatusCode.ServiceUnavailable, "draining")]
    public async Task Reason_IsTold_InDevelopmentOnly(string path, HttpStatusCode status, string? reason)
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        foreach (var environment in (string[])["Local", "Development"])
        {
            await using var bridge = await BridgeHost.StartAsync(model.Url, settings: [new("HANDSHAKE_SIGNATURE", "Require")], environment: environment);
            if (status is HttpStatusCode.ServiceUnavailable)
            {
                bridge.Services.GetRequiredService<DrainSwitch>().TurnOn();
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { TwilioSignature.HeaderName, "secret" } } };
            if (status is not HttpStatusCode.UpgradeRequired)
            {
                Upgrade(request);
            }

            using var response = await bridge.Client.SendAsync(request, TestTimeout.Token);

            Assert.Equal((environment, status), (environment, response.StatusCode));
            if (environment is "Local")
            {
                await RefusalBody.AssertSaysNothingElseAsync(response);
                continue;
            }

            var told = await RefusalBody.ReadReasonAsync(response);
            Assert.Equal(reason is null, told is null);
            Assert.Contains(reason ?? "", told ?? "", StringComparison.Ordinal);
            Assert.DoesNotContain("secret", told ?? "", StringComparison.Ordinal);
        }
    }

    private static void Upgrade(HttpRequestMessage request)
    {
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new("websocket"));
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(new byte[16]));
    }
}
