using System.Net;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Redis;

/// <summary>The webhook in a process of its own: which authorities are trusted is the operating system's to say, once for each process.</summary>
[Trait("Proves", "T-S6")]
public sealed class RedisTlsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tls-");
    private readonly TestAuthority _authority = new();

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("localhost", true, HttpStatusCode.OK)]
    [InlineData("localhost", false, HttpStatusCode.ServiceUnavailable)]
    [InlineData("other.example", true, HttpStatusCode.ServiceUnavailable)]
    public async Task Redis_IsBelieved_WithACertificateForItsNameFromATrustedAuthority(string host, bool trusted, HttpStatusCode expected)
    {
        RedisServer.Require();
        var (certificate, key) = _authority.Issue(_directory.FullName, host);
        using var strangers = new TestAuthority();
        var authorities = Path.Combine(_directory.FullName, "authorities");
        (trusted ? _authority : strangers).TrustIn(authorities);
        var port = LoopbackPort.Free();
        await using var redis = await RedisServer.StartAsync(port, "--port", "0", "--tls-port", $"{port}", "--tls-auth-clients", "no",
            "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate);

        await using var webhook = await RunningService.StartAsync("VoiceAssistant.Webhook", new Dictionary<string, string>
        {
            ["TWILIO_AUTH_TOKEN"] = WebhookHost.AuthToken,
            ["PUBLIC_URL"] = WebhookHost.PublicUrl,
            ["ConnectionStrings__redis"] = $"localhost:{port},ssl=true",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["SSL_CERT_DIR"] = authorities,
        });

        if (expected is HttpStatusCode.OK)
        {
            await webhook.ReadyAsync();
        }

        // It has tried to connect before it began to listen.
        using var health = await webhook.Client.GetAsync(new Uri(webhook.Addresses.Single(), "/health"), TestTimeout.Token);

        Assert.Equal(expected, health.StatusCode);
    }
}
