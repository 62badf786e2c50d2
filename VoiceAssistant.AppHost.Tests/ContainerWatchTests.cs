using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.AppHost.Tests;

public sealed class ContainerWatchTests : IDisposable
{
    private readonly LogRecorder _log = new();

    [Fact]
    public async Task EngineThatDies_IsToldOf_WhenAContainerWasHealthy_AndNotOnesThatJustStopped()
    {
        var builder = DistributedApplication.CreateBuilder();
        var container = builder.AddContainer("redis", "redis").Resource;
        builder.Services.AddLogging(logging => logging.AddProvider(_log));
        await using var app = builder.Build();
        var asked = 0;
        var watch = ContainerWatch.WatchAsync(app.Services, () => new(IsUsable: ++asked <= 3, "docker is gone"), TimeSpan.Zero);

        await PublishAsync(KnownResourceStates.Starting);
        await PublishAsync(KnownResourceStates.Running);
        // Stopped by somebody, while the engine works.
        await PublishAsync(KnownResourceStates.Exited);
        await PublishAsync(KnownResourceStates.Running);
        await PublishAsync(KnownResourceStates.Exited);

        await watch.WaitAsync(TestTimeout.Token);
        // Three times for the one that was stopped, as an engine that ends may still answer.
        Assert.Equal(4, asked);
        await _log.WaitForAsync("The containers went with their engine: docker is gone. Start it, and then the AppHost again; USE_CONTAINERS=false starts it without containers.");

        // What runs and has no check is healthy.
        Task PublishAsync(string state) =>
            app.Services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(container, snapshot => snapshot with { State = state });
    }

    public void Dispose() => _log.Dispose();
}
