using Microsoft.Extensions.Hosting;

namespace VoiceAssistant.AppHost;

internal static class MessageContent
{
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
}
