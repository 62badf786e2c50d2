using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Calls.Redis;

/// <summary>Connects at start and goes once the way of a token, so that the first caller waits for neither.</summary>
internal sealed class RedisConnection(IServiceProvider services) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Resolving connects, which blocks for as long as the connect timeout.
        var tokens = await Task.Run(services.GetRequiredService<StreamTokens>, cancellationToken);
        try
        {
            await services.GetRequiredService<CallRecords>().WarmUpAsync(cancellationToken);
            await tokens.WarmUpAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // An absent Redis is no reason not to start: readiness says so, and callers hear an apology.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
