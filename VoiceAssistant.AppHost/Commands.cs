using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace VoiceAssistant.AppHost;

/// <summary>What the dashboard can do with the services.</summary>
internal static class Commands
{
    public const string TestCall = "test-call";
    public const string Drain = "drain";

    private const string Management = "management";
    private const string ManagementPort = "MANAGEMENT_PORT";

    // Where the operator's endpoints are in a container; the public port is 8080 there.
    private const int PublishedManagementPort = 8081;

    /// <summary>A second port, where no public address leads, for endpoints that are the operator's.</summary>
    public static IResourceBuilder<ProjectResource> WithManagementPort(this IResourceBuilder<ProjectResource> service)
    {
        // On this machine every replica has one of its own.
        var isPublished = service.ApplicationBuilder.ExecutionContext.IsPublishMode;
        return service.WithHttpEndpoint(targetPort: isPublished ? PublishedManagementPort : null, name: Management)
            .WithEnvironment(ManagementPort, service.GetEndpoint(Management).Property(EndpointProperty.TargetPort))
            .WithUrlForEndpoint(Management, url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly);
    }

    /// <summary>A service has no page: its link leads to what it says of itself.</summary>
    public static IResourceBuilder<ProjectResource> WithHealthLink(this IResourceBuilder<ProjectResource> service) =>
        service.WithUrlForEndpoint("http", url => (url.Url, url.DisplayText) = ("/health", "Health"));

    public static IResourceBuilder<ProjectResource> WithDrainCommand(this IResourceBuilder<ProjectResource> bridge)
    {
        bridge.ApplicationBuilder.Services.AddHttpClient();
        return bridge.WithCommand(Drain, "Drain", DrainAsync, new()
        {
            Description = "Takes no new calls on this replica and lets those that run go on; a restart opens it again.",
            ConfirmationMessage = "This replica will take no new calls until it is restarted. Calls that run go on.",
            IconName = "ArrowExit",
            IsHighlighted = true,
            UpdateState = WhileRunning,
        });
    }

    public static IResourceBuilder<ProjectResource> WithTestCallCommand(this IResourceBuilder<ProjectResource> phone, PhoneKey key) =>
        phone.WithHttpCommand("/phone/test-call", "Place a test call", endpointName: "http", commandName: TestCall, commandOptions: new()
        {
            Description = "Calls as Twilio does, asks a question, hears the answer out (some 15 s) and says how long everything took.",
            IconName = "Call",
            IsHighlighted = true,
            UpdateState = WhileRunning,
            PrepareRequest = context =>
            {
                context.Request.RequestUri = new UriBuilder(context.Request.RequestUri!) { Query = key.Query }.Uri;
                return Task.CompletedTask;
            },
            GetCommandResult = async context =>
            {
                var report = (await context.Response.Content.ReadAsStringAsync(context.CancellationToken)).Trim();
                return context.Response.IsSuccessStatusCode
                    ? CommandResults.Success("The call was answered.", report, CommandResultFormat.Markdown, displayImmediately: true)
                    : CommandResults.Failure($"The call did not go well. {report.Split('\n')[0].Trim()}", report, CommandResultFormat.Markdown);
            },
        });

    private static async Task<ExecuteCommandResult> DrainAsync(ExecuteCommandContext context)
    {
        // A resource's address leads to any of its replicas; this one's own port is in its environment.
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        if (!notifications.TryGetCurrentState(context.ResourceName, out var replica)
            || replica.Snapshot.EnvironmentVariables.FirstOrDefault(variable => variable.Name == ManagementPort)?.Value is not { } port)
        {
            return CommandResults.Failure($"{context.ResourceName} does not run yet.");
        }

        using var http = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        try
        {
            using var response = await http.PostAsync($"http://localhost:{port}/drain", null, context.CancellationToken);
            response.EnsureSuccessStatusCode();
            var left = await response.Content.ReadFromJsonAsync<Drained>(context.CancellationToken);
            return CommandResults.Success($"{context.ResourceName} takes no new calls; {left?.Calls ?? 0} still run.");
        }
        catch (HttpRequestException exception)
        {
            return CommandResults.Failure($"{context.ResourceName} could not be drained: {exception.Message}");
        }
    }

    private static ResourceCommandState WhileRunning(UpdateCommandStateContext context) =>
        context.ResourceSnapshot.State?.Text == KnownResourceStates.Running ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;

    private sealed record Drained([property: JsonPropertyName("calls")] int Calls);
}
