using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace VoiceAssistant.Calls.Redis;

/// <summary>Connects at start, so that the first caller does not wait for it.</summary>
internal sealed class RedisConnection(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        // Resolving connects and may block for the connect timeout; an absent Redis is no reason not to start.
        Task.Run(services.GetRequiredService<IConnectionMultiplexer>, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
