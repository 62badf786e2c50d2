using Microsoft.Extensions.Hosting;

namespace VoiceAssistant.Calls.WarmUps;

/// <summary>For a host within a process that has another one: it stops when its starter says so, and not at a signal.</summary>
public sealed class StartersLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
