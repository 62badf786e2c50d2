using Azure.Provisioning.AppContainers;

namespace VoiceAssistant.AppHost;

/// <summary>What `azd up` makes of the model: Container Apps.</summary>
/// <remarks>Not restored by this repository's own build: each call is checked against the source of Aspire 13.6 and of Azure.Provisioning.AppContainers 1.2.</remarks>
internal static class AzureContainerApps
{
    // How many connections a replica has before there is another. Not requests: a call is one request for all of its minutes.
    private const string CallsPerReplica = "15";

    private const int MostReplicas = 10;

    // From SIGTERM to SIGKILL: the most that Container Apps waits.
    private const int GraceSeconds = 600;

    public static void AddAzureContainerApps(this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> bridge)
    {
        builder.AddAzureContainerAppEnvironment("voice-assistant")
            // It shows every service's settings and logs; they are for Log Analytics, and for OTEL_EXPORTER_OTLP_ENDPOINT.
            .WithDashboard(false);

        if (builder.Configuration.Given("REALTIME_AUTH") is "entra")
        {
            // It still needs a role on the model's resource: docs/deploy.md.
            bridge.WithAzureUserAssignedIdentity(builder.AddAzureUserAssignedIdentity("mediabridge-identity"));
        }

        // Somebody who calls does not wait for a container to start: the model has at least one replica of each.
        bridge.PublishAsAzureContainerApp((_, app) =>
        {
            app.Template.TerminationGracePeriodSeconds = GraceSeconds;
            app.Template.Scale.MaxReplicas = MostReplicas;
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
