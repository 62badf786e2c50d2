using Microsoft.Extensions.Hosting;

namespace VoiceAssistant.AppHost;

/// <summary>What Aspire lets the services tell the dashboard in Development, and strangers would not like to stand there.</summary>
internal static class Telemetry
{
    // https://github.com/open-telemetry/opentelemetry-dotnet-contrib: what stands in a URL's query is Redacted, unless they are true.
    private static readonly string[] ShownQueries =
    [
        "OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION",
    ];

    private const string Setting = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

    /// <summary>Lets the dashboard show what is said where the developer asks for it: the bridge tells that in Development only, and is in Local otherwise.</summary>
    public static void ShowMessageContentIfAsked(this IResourceBuilder<ProjectResource> bridge)
    {
        var builder = bridge.ApplicationBuilder;
        var isAsked = builder.Environment.IsDevelopment() && "true".Equals(builder.Configuration[Setting]?.Trim(), StringComparison.OrdinalIgnoreCase);
        bridge.WithEnvironment(context =>
        {
            var variables = context.EnvironmentVariables;
            if (isAsked)
            {
                variables[Setting] = "true";
                variables["DOTNET_ENVIRONMENT"] = variables["ASPNETCORE_ENVIRONMENT"] = Environments.Development;
            }
            else
            {
                // Aspire itself asks for it, of every project and without anybody's wish: here it is strangers who speak.
                variables.Remove(Setting);
            }
        });
    }

    /// <summary>A number's webhook that is set to GET has the caller's number in its query, and the phone's page its key.</summary>
    public static void RedactQueries(this IResourceBuilder<ProjectResource> service) => service.WithEnvironment(context =>
    {
        foreach (var name in ShownQueries)
        {
            context.EnvironmentVariables.Remove(name);
        }
    });
}
