using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace VoiceAssistant.Calls;

/// <summary>Lets a service finish what it has begun when the host stops.</summary>
/// <param name="services">Asked only then: before the start, one wrong setting of the service's would hide all others.</param>
/// <param name="complete">Finishes it, within the time that the host has.</param>
public sealed class BeforeStop<TService>(IServiceProvider services, Func<TService, CancellationToken, Task> complete) : IHostedService
    where TService : notnull
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => complete(services.GetRequiredService<TService>(), cancellationToken);
}
