using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace VoiceAssistant.AppHost;

/// <summary>A setting of the services: its name in .env and the environment, and the parameter that stands for it in the dashboard.</summary>
/// <param name="Name">As the services read it.</param>
/// <param name="Parameter">Null where it is not set and nobody is to be asked for it.</param>
/// <param name="Given">As it was set when the model was built, be it to nothing: GREETING= says that there is none. Null where it was not.</param>
internal sealed record Setting(string Name, IResourceBuilder<ParameterResource>? Parameter, string? Given)
{
    public async ValueTask<string> ReadAsync(CancellationToken cancellationToken) =>
        Parameter is null ? "" : await Parameter.Resource.GetValueAsync(cancellationToken) ?? "";
}

internal static class Settings
{
    private const int MostReplicas = 10;

    /// <summary>
    /// A parameter whose value comes from .env or the environment, else from what the dashboard or user-secrets keep, else is empty: one without
    /// a value would hold up every service that uses it.
    /// </summary>
    /// <param name="builder">Where the parameter is added: OPENAI_API_KEY becomes openai-api-key.</param>
    /// <param name="name">As the services read it.</param>
    /// <param name="secret">Whether its value is hidden.</param>
    /// <param name="ask">Whether somebody is to be asked for it where it is not set, and nothing goes on without.</param>
    public static Setting AddSetting(this IDistributedApplicationBuilder builder, string name, bool secret = false, bool ask = false)
    {
        var parameter = ParameterName(name);
        var given = builder.Configuration.Given(name);
        return new(name, Add()?.WithDescription(SettingDescriptions.Of(name), enableMarkdown: true), given);

        IResourceBuilder<ParameterResource>? Add()
        {
            var isEmpty = string.IsNullOrWhiteSpace(given);
            if (isEmpty && ask)
            {
                return builder.AddParameter(parameter, secret);
            }

            if (builder.ExecutionContext.IsRunMode)
            {
                return builder.AddParameter(parameter, given ?? "", secret: secret);
            }

            // What is set here goes along to the cloud. But a secret is not written down, so who deploys is asked for it.
            return isEmpty ? null : secret ? builder.AddParameter(parameter, secret) : builder.AddParameter(parameter, given!, publishValueAsDefault: true);
        }
    }

    public static Setting[] AddSettings(this IDistributedApplicationBuilder builder, params IEnumerable<string> names) =>
        [.. names.Select(name => builder.AddSetting(name))];

    /// <summary>Twilio's token, or one of this developer's own, so that the phone can sign and the webhook can tell strangers from it.</summary>
    public static Setting AddAuthToken(this IDistributedApplicationBuilder builder, string name)
    {
        if (builder.ExecutionContext.IsPublishMode || !string.IsNullOrWhiteSpace(builder.Configuration.Given(name)))
        {
            return builder.AddSetting(name, secret: true, ask: true);
        }

        var generated = new GenerateParameterDefault { MinLength = 32, Special = false };
        var token = builder.AddParameter(ParameterName(name), generated, secret: true, persist: true)
            .WithDescription(SettingDescriptions.Of(name), enableMarkdown: true);
        return new(name, token, Given: null);
    }

    /// <summary>Hands the settings on as the environment of a service: those that are set, so that the service's own defaults hold for the others.</summary>
    public static IResourceBuilder<ProjectResource> WithSettings(this IResourceBuilder<ProjectResource> service, params Setting[] settings) =>
        service.WithEnvironment(async context =>
        {
            foreach (var setting in settings)
            {
                if (setting.Parameter is { } parameter)
                {
                    // What is to be published has no value yet, and is there because it will have one.
                    if (setting.Given is not null || context.ExecutionContext.IsPublishMode || await setting.ReadAsync(context.CancellationToken) is not "")
                    {
                        context.EnvironmentVariables[setting.Name] = parameter.Resource;
                    }
                }
                else if (setting.Given is not null)
                {
                    context.EnvironmentVariables[setting.Name] = "";
                }
            }
        });

    /// <summary>A setting of the AppHost's own: how many there are to be; 1 where it is not set.</summary>
    /// <exception cref="InvalidDataException">It is no such number.</exception>
    public static int Count(this IConfiguration configuration, string name) => configuration[name] switch
    {
        null or "" => 1,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= MostReplicas => count,
        var text => throw new InvalidDataException($"{name} is '{text}'; expected a number from 1 to {MostReplicas}."),
    };

    /// <returns>Null where it is nowhere set.</returns>
    public static string? Given(this IConfiguration configuration, string name) =>
        configuration[name]
        ?? configuration[$"Parameters:{ParameterName(name)}"]
        // The environment knows no hyphens.
        ?? configuration[$"Parameters:{name.ToLowerInvariant()}"];

    private static string ParameterName(string name) => name.ToLowerInvariant().Replace('_', '-');
}
