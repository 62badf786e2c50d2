using System.Net.Sockets;
using System.Text;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Webhook.Calls;

/// <summary>A webhook goes: what it has promised is in Redis, and what it has begun it finishes.</summary>
public sealed class StopTests : IAsyncLifetime
{
    private readonly EmbeddedRedis _redis = new();
    private RunningService _webhook = null!;

    public async ValueTask InitializeAsync()
    {
        _webhook = await RunningService.StartAsync("VoiceAssistant.Webhook", new Dictionary<string, string>
        {
            ["ConnectionStrings__redis"] = _redis.ConnectionString,
            ["TWILIO_AUTH_TOKEN"] = WebhookHost.AuthToken,
            ["PUBLIC_URL"] = WebhookHost.PublicUrl,
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        });
        await _webhook.ReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _webhook.DisposeAsync();
        _redis.Dispose();
    }

    [Fact, Trait("Proves", "R9")]
    public async Task Call_Connects_WhereTheWebhookIsKilledAfterItsAnswer()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var bridge = await BridgeHost.StartAsync(model.Url, settings: [new("ConnectionStrings:redis", _redis.ConnectionString)]);
        var (callSid, token) = await CallAsync();

        await _webhook.KillAsync();

        await using var caller = await FakeTwilioStream.ConnectAsync(bridge.Url);
        await caller.StartAsync(token, callSid);
        await (await model.AcceptConfiguredAsync()).GreetAsync(caller);
    }

    [Fact, Trait("Proves", "R9")]
    public async Task Request_IsAnswered_WhereTheWebhookIsToStopMeanwhile()
    {
        var request = TwilioRequest.NewCallNow();
        var body = await request.ToMessage().Content!.ReadAsStringAsync(TestTimeout.Token);
        using var client = new TcpClient();
        await client.ConnectAsync(_webhook.Addresses[0].Host, _webhook.Addresses[0].Port, TestTimeout.Token);
        using var reader = new StreamReader(client.GetStream());
        await SendAsync(
            $"POST {request.Path} HTTP/1.1\r\nHost: voice.example\r\nX-Twilio-Signature: {request.Signature}\r\n"
            + $"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync(TestTimeout.Token));

        _webhook.Terminate();
        await RefusesAsync();
        await SendAsync(body);

        var response = await reader.ReadToEndAsync(TestTimeout.Token);
        Assert.Contains("HTTP/1.1 200 OK", response, StringComparison.Ordinal);
        // With a stream, or on a busy machine, where Redis has not answered in time, with an apology.
        Assert.EndsWith("</Response>", response, StringComparison.Ordinal);
        Assert.Equal(0, (await _webhook.ExitAsync()).Code);

        Task SendAsync(string text) => client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), TestTimeout.Token).AsTask();
    }

    private async Task<(string CallSid, string Token)> CallAsync()
    {
        for (var end = TestTimeout.Token; ; end.ThrowIfCancellationRequested())
        {
            var request = TwilioRequest.NewCallNow();
            using var message = request.ToMessage();
            message.RequestUri = new Uri(_webhook.Addresses[0], request.Path);
            using var response = await _webhook.Client.SendAsync(message, end);
            var twiml = await response.Content.ReadAsStringAsync(end);
            // On a busy machine Redis may not have answered in time, and the caller hears that.
            if (twiml.Contains("<Stream ", StringComparison.Ordinal))
            {
                return (WatchedSystem.CallSid(request), TestTwiml.Token(twiml));
            }
        }
    }

    private async Task RefusesAsync()
    {
        for (var end = TestTimeout.Token; ; await Task.Delay(10, end))
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(_webhook.Addresses[0].Host, _webhook.Addresses[0].Port, end);
            }
            catch (SocketException)
            {
                return;
            }
        }
    }
}
