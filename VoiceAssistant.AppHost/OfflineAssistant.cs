namespace VoiceAssistant.AppHost;

/// <summary>Who answers where there is neither a key nor an endpoint of the user's own: the assistant that the phone brings along.</summary>
internal sealed class OfflineAssistant(Setting apiKey, Setting realtimeUrl)
{
    public async ValueTask<bool> AnswersAsync(CancellationToken cancellationToken) =>
        string.IsNullOrWhiteSpace(await apiKey.ReadAsync(cancellationToken)) && string.IsNullOrWhiteSpace(await realtimeUrl.ReadAsync(cancellationToken));
}

internal static class OfflineAssistantExtensions
{
    private const string Endpoint = "assistant";
    private const string Path = "/v1/realtime";

    /// <summary>Lets the phone serve the offline assistant, and the bridge turn to it, when there is no other; decided anew at each start.</summary>
    public static IResourceBuilder<ProjectResource> ServeOfflineAssistant(
        this IResourceBuilder<ProjectResource> phone, OfflineAssistant assistant, IResourceBuilder<ProjectResource> bridge)
    {
        // With a variable of its own, the port is not one of those the page is served on.
        phone.WithHttpEndpoint(name: Endpoint, env: "OFFLINE_ASSISTANT_PORT")
            .WithUrlForEndpoint(Endpoint, url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
            .WithArgs(async context =>
            {
                if (await assistant.AnswersAsync(context.CancellationToken))
                {
                    context.Args.Add("--offline-assistant");
                    context.Args.Add(phone.GetEndpoint(Endpoint).Property(EndpointProperty.TargetPort));
                }
            });

        bridge.WithEnvironment(async context =>
        {
            if (await assistant.AnswersAsync(context.CancellationToken))
            {
                context.EnvironmentVariables["REALTIME_URL"] =
                    ReferenceExpression.Create($"ws://{phone.GetEndpoint(Endpoint).Property(EndpointProperty.HostAndPort)}{Path}");
            }
        });

        return phone;
    }
}
