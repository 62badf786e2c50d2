using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Calls.Redis;

/// <summary>Connects at start and goes once the way of a token, so that the first caller waits for neither.</summary>
internal sealed partial class RedisConnection(IServiceProvider services, ILogger<RedisConnection> logger) : IHostedService
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
            // No reason not to start: readiness says so, and callers hear an apology.
            LogAbsent(exception.Message);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Warning,
        "Redis (ConnectionStrings:redis) does not do its part; until it does, callers hear an apology: {Fault}", EventName = "RedisAbsent")]
    private partial void LogAbsent(string fault);
}
