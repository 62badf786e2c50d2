using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults;

[Trait("Proves", "T-W10")]
public sealed class ServerLimitsTests(WebhookFixture fixture) : IClassFixture<WebhookFixture>
{
    private const string Head = "POST /incoming-call HTTP/1.1\r\nHost: voice.example\r\n";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(50, 10, "404")]
    [InlineData(51, 10, "431")]
    [InlineData(40, 390, "404")]
    [InlineData(40, 420, "431")]
    public async Task Headers_AreRefused_BeyondFiftyOrSixteenKilobytes(int count, int length, string expected)
    {
        var headers = string.Concat(Enumerable.Range(1, count - 1).Select(number => $"X-{number:00}: {new string('x', length)}\r\n"));

        using var stream = await fixture.Webhook.SendRawAsync($"GET / HTTP/1.1\r\nHost: voice.example\r\n{headers}\r\n");

        Assert.Equal(expected, await StatusAsync(stream));
    }

    [Fact]
    public async Task Headers_AreCutOff_ThatDoNotEndWithinTwoSeconds()
    {
        using var stream = await fixture.Webhook.SendRawAsync(Head);

        await AssertCutOffAsync(stream, "X");
    }

    [Fact]
    public async Task Body_IsCutOff_ThatDripsByteByByte()
    {
        using var stream = await fixture.Webhook.SendRawAsync(
            $"{Head}X-Twilio-Signature: {TwilioRequest.IncomingCall.Signature}\r\n"
            + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n");

        await AssertCutOffAsync(stream, "A");
    }

    // Otherwise a few hundred of them, also of those that were refused, keep everybody else out for two minutes.
    [Theory]
    [InlineData("", "")]
    [InlineData("GET / HTTP/1.1\r\nHost: voice.example\r\n\r\n", "HTTP/1.1 404")]
    public async Task Connection_IsClosed_ThatNobodyUses(string request, string answer)
    {
        using var reader = new StreamReader(await fixture.Webhook.SendRawAsync(request));

        Assert.StartsWith(answer, await reader.ReadToEndAsync(TestTimeout.Token), StringComparison.Ordinal);
    }

    [Fact]
    public void Start_WarnsOfNoProtocol() => Assert.DoesNotContain(fixture.Webhook.Log.Lines, line => line.Contains("HTTP/2", StringComparison.Ordinal));

    [Fact]
    public void Services_HaveTheseLimits()
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddServiceDefaults();
        using var services = builder.Services.BuildServiceProvider();

        var limits = services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal((32 * 1024, null), (limits.MaxRequestBodySize, limits.MaxConcurrentConnections));
        Assert.Null(limits.MaxConcurrentUpgradedConnections);
    }

    private static async Task AssertCutOffAsync(NetworkStream stream, string drop)
    {
        var answering = StatusAsync(stream);
        var bound = TestTimeout.Token;
        while (!answering.IsCompleted)
        {
            bound.ThrowIfCancellationRequested();
            await Task.WhenAny(answering, Task.Delay(Second, bound));
            try
            {
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(drop), bound);
            }
            catch (IOException)
            {
                // It was cut off meanwhile.
                break;
            }
        }

        Assert.Equal("408", await answering);
    }

    private static async Task<string?> StatusAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        return (await reader.ReadLineAsync(TestTimeout.Token))?.Split(' ')[1];
    }
}
