using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>Tests that start the system: one after the other, as each starts half a dozen processes, and apart from all others.</summary>
[CollectionDefinition(nameof(Orchestrator), DisableParallelization = true)]
public sealed class Orchestrator
{
    /// <summary>The bound of all that such a test waits for: an image may have to be fetched, and a test call takes some 15 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static CancellationTokenSource Timeout()
    {
        var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Patience);
        return timeout;
    }
}

internal static class OrchestratorExtensions
{
    public static async Task<DistributedApplication> StartAsync(this IDistributedApplicationTestingBuilder builder, CancellationToken cancellationToken)
    {
        foreach (var project in builder.Resources.OfType<ProjectResource>())
        {
            // There is no dashboard in tests, and services that have telemetry for it would not end until they have given it up.
            builder.CreateResourceBuilder(project).WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", "");
        }

        var app = await builder.BuildAsync(cancellationToken);
        await app.StartAsync(cancellationToken);
        return app;
    }

    public static T Find<T>(this DistributedApplication app, string name)
        where T : IResource => app.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<T>().Single(resource => resource.Name == name);

    /// <summary>A call by way of the phone's command in the dashboard.</summary>
    public static async Task CallAsync(this DistributedApplication app, CancellationToken cancellationToken)
    {
        var result = await app.ResourceCommands.ExecuteCommandAsync("phone", "test-call", cancellationToken);
        if (!result.Success)
        {
            // The first caller of services that have just started may hear an apology on a busy machine, and calls again.
            result = await app.ResourceCommands.ExecuteCommandAsync("phone", "test-call", cancellationToken);
        }

        Assert.True(result.Success, $"{result.Message} {result.Data?.Value}");
        Assert.Contains("end of speech to answer", result.Data!.Value, StringComparison.Ordinal);
    }
}
