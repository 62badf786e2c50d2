using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.Calls.WarmUps;

/// <summary>The calls that a service holds with itself before it listens, so that its code is compiled when the first caller comes.</summary>
public abstract class WarmUp
{
    /// <param name="url">Where the service that is warmed up will listen.</param>
    public abstract Dictionary<string, string?> Settings(Uri url);

    /// <summary>Adds the service's parts.</summary>
    public abstract void Add(WebApplicationBuilder builder);

    /// <summary>Maps the service's endpoints, and those of others that it needs.</summary>
    public abstract void Map(WebApplication app);

    /// <summary>Places a call, and ends it.</summary>
    public abstract Task CallAsync(WarmUpContext context, CancellationToken cancellationToken);
}

public static class WarmUpServices
{
    public static IHostApplicationBuilder AddWarmUp(this IHostApplicationBuilder builder, WarmUp warmUp)
    {
        builder.Services.AddSingleton<IHostedService>(services => new WarmUpService(warmUp, services, services.GetRequiredService<ILogger<WarmUpService>>()));
        return builder;
    }
}
