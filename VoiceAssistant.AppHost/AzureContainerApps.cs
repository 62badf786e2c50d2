using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;

namespace VoiceAssistant.AppHost;

/// <summary>What `azd up` makes of the model: Container Apps, with a public host for each of the two services.</summary>
internal static class AzureContainerApps
{
    // How many connections a replica has before there is another. Not requests: a call is one request for all of its minutes.
    private const string CallsPerReplica = "15";

    // A replica that is to go finishes its calls first; the most that Container Apps waits.
    private const int GraceSeconds = 600;

    public static void AddAzureContainerApps(
        this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> webhook, IResourceBuilder<ProjectResource> bridge, bool withIdentity)
    {
        builder.AddAzureContainerAppEnvironment("voice-assistant");

        // Twilio signs for what it calls, and it calls over https.
        var publicUrl = ReferenceExpression.Create($"{webhook.GetEndpoint("https")}");
        var streamUrl = ReferenceExpression.Create($"wss://{bridge.GetEndpoint("https").Property(EndpointProperty.Host)}/media-stream");
        webhook.WithEnvironment("PUBLIC_URL", publicUrl).WithEnvironment("STREAM_URL", streamUrl);
        bridge.WithEnvironment("PUBLIC_URL", publicUrl).WithEnvironment("STREAM_URL", streamUrl);

        if (withIdentity)
        {
            // It still needs a role on the model's resource: docs/deploy.md.
            bridge.WithAzureUserAssignedIdentity(builder.AddAzureUserAssignedIdentity("mediabridge-identity"));
        }

        // Somebody who calls does not wait for a container to start: the model has at least one replica of each.
        bridge.PublishAsAzureContainerApp((_, app) =>
        {
            app.Template.TerminationGracePeriodSeconds = GraceSeconds;
            app.Template.Scale.MaxReplicas = 10;
            app.Template.Scale.Rules =
            [
                new ContainerAppScaleRule
                {
                    Name = "calls",
                    Tcp = new ContainerAppTcpScaleRule { Metadata = { { "concurrentConnections", CallsPerReplica } } },
                },
            ];
        });
    }
}
