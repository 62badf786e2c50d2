using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;

namespace VoiceAssistant.AppHost;

/// <summary>What `azd up` makes of the model: Container Apps. All that is about Azure is here.</summary>
internal static class AzureContainerApps
{
    // How many connections a replica has before there is another. Not requests: a call is one request for all of its minutes.
    private const string CallsPerReplica = "15";

    // From SIGTERM to SIGKILL: the most that Container Apps waits.
    private const int GraceSeconds = 600;

    public static void AddAzureContainerApps(this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> bridge, bool withIdentity)
    {
        builder.AddAzureContainerAppEnvironment("voice-assistant");

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
