using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.AppHost;

/// <summary>Redis where no container runs: Garnet, in a process of its own.</summary>
internal sealed class GarnetResource(string name, ParameterResource password) : ProjectResource(name), IResourceWithConnectionString
{
    public const string EndpointName = "tcp";

    /// <summary>As of Aspire's Redis container: host:port,password=….</summary>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{new EndpointReference(this, EndpointName).Property(EndpointProperty.HostAndPort)},password={password}");
}

internal static partial class GarnetExtensions
{
    /// <param name="builder">Where it is added.</param>
    /// <param name="name">The resource's.</param>
    /// <param name="noContainers">Why it is not Redis's container.</param>
    public static IResourceBuilder<GarnetResource> AddGarnet(this IDistributedApplicationBuilder builder, string name, string noContainers)
    {
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var garnet = new GarnetResource(name, password);

        string? connectionString = null;
        builder.Eventing.Subscribe<ConnectionStringAvailableEvent>(garnet, async (_, cancellationToken) =>
            connectionString = await ((IResourceWithConnectionString)garnet).GetConnectionStringAsync(cancellationToken));
        var check = $"{name}_check";
        builder.Services.AddHealthChecks().AddRedis(_ => connectionString ?? throw new InvalidOperationException($"{name} has no address yet."), name: check);

#pragma warning disable ASPIREPROJECTS001 // Experimental; AddProject does the same for resources that are a ProjectResource and nothing else.
        var resource = builder.AddResource(garnet)
            .WithAnnotation(new BuiltProject())
            .WithProjectDefaults(new() { ExcludeLaunchProfile = true });
#pragma warning restore ASPIREPROJECTS001
        return resource
            .WithEndpoint(name: GarnetResource.EndpointName, scheme: "redis")
            .WithArgs("redis", "--port", resource.GetEndpoint(GarnetResource.EndpointName).Property(EndpointProperty.TargetPort))
            // Not as an argument, which everybody on the machine can read.
            .WithEnvironment("REDIS_PASSWORD", password)
            .WithoutTls()
            .WithIconName("Database")
            .WithHealthCheck(check)
            .OnBeforeResourceStarted((_, starting, _) =>
            {
                LogWhy(starting.Services.GetRequiredService<ResourceLoggerService>().GetLogger(garnet), noContainers);
                LogWhy(starting.Services.GetRequiredService<ILoggerFactory>().CreateLogger<GarnetResource>(), noContainers);
                return Task.CompletedTask;
            });
    }

    [LoggerMessage(1, LogLevel.Information, "Redis is Garnet, in a process of its own: {NoContainers}.", EventName = "NoContainers")]
    private static partial void LogWhy(ILogger logger, string noContainers);

    /// <summary>VoiceAssistant.Local as it was built with the AppHost: the phone is the same program, and two builds of it at once get into each other's way.</summary>
    private sealed class BuiltProject : IProjectMetadata
    {
        public string ProjectPath { get; } = new Projects.VoiceAssistant_Local().ProjectPath;

        public bool SuppressBuild => true;
    }
}
