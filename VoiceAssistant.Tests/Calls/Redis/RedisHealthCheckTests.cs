using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Redis;

public sealed class RedisHealthCheckTests
{
    /// <summary>As after a failover, until the former primary is back. Once the client's package agrees with us, our own check can go.</summary>
    [Fact, Trait("Proves", "R7")]
    public async Task Service_IsReady_WhileOneOfTwoServersIsGone()
    {
        RedisServer.Require();
        await using var primary = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync(arguments: ["--replicaof", "127.0.0.1", $"{primary.Port}"]);
        await using var webhook = await WebhookHost.StartAsync($"{primary.ConnectionString},{replica.ConnectionString}");
        await replica.StopAsync();

        var registration = new HealthCheckRegistration("package", new HealthChecks.Redis.RedisHealthCheck(webhook.Service<IConnectionMultiplexer>()), null, null);
        for (var end = TestTimeout.Token; await PackageAsync() is not HealthStatus.Unhealthy; end.ThrowIfCancellationRequested())
        {
        }

        Assert.Equal("Healthy", await webhook.Client.GetStringAsync(new Uri("/health", UriKind.Relative), TestTimeout.Token));

        async Task<HealthStatus> PackageAsync() =>
            (await registration.Factory(null!).CheckHealthAsync(new HealthCheckContext { Registration = registration }, TestTimeout.Token)).Status;
    }
}
