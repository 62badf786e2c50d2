using System.Net;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Webhook;

public sealed class HealthTests
{
    [Fact]
    public async Task Webhook_IsReadyAndAlive_WithRedis()
    {
        using var redis = new EmbeddedRedis();
        await using var webhook = await WebhookHost.StartAsync(redis.ConnectionString);

        Assert.Equal((HttpStatusCode.OK, "Healthy"), await GetAsync(webhook, "/health"));
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await GetAsync(webhook, "/alive"));
    }

    // Restarting the webhook would not bring Redis back.
    [Fact]
    public async Task Webhook_IsAliveButNotReady_WithoutRedis()
    {
        await using var webhook = await WebhookHost.StartImpatientAsync("127.0.0.1:1");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), await GetAsync(webhook, "/health"));
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await GetAsync(webhook, "/alive"));
    }

    [Fact]
    public async Task Webhook_IsNotReady_WhenRedisIsFrozen()
    {
        RedisServer.Require();
        await using var redis = await RedisServer.StartAsync();
        await using var webhook = await WebhookHost.StartImpatientAsync(redis.ConnectionString);
        redis.Freeze();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), await GetAsync(webhook, "/health"));
        await redis.StopAsync();
    }

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(WebhookHost webhook, string path)
    {
        using var response = await webhook.Client.GetAsync(new Uri(path, UriKind.Relative), TestTimeout.Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestTimeout.Token));
    }
}
