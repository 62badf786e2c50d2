using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.Calls.Rehearsals;

/// <summary>What a service rehearses.</summary>
public abstract class Play
{
    /// <param name="url">Where the rehearsed service will listen.</param>
    public abstract Dictionary<string, string?> Settings(Uri url);

    /// <summary>Adds the service's parts.</summary>
    public abstract void Add(WebApplicationBuilder builder);

    /// <summary>Maps the service's endpoints, and those of others that it needs.</summary>
    public abstract void Map(WebApplication app);

    /// <summary>Places a call, and ends it.</summary>
    public abstract Task CallAsync(RehearsalStage stage, CancellationToken cancellationToken);
}

public static class RehearsalServices
{
    public static IHostApplicationBuilder AddRehearsal(this IHostApplicationBuilder builder, Play play)
    {
        builder.Services.AddSingleton<IHostedService>(services => new Rehearsal(play, services, services.GetRequiredService<ILogger<Rehearsal>>()));
        return builder;
    }
}
