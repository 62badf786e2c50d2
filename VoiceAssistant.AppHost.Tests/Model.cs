using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Hosting;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>What AppHost.cs describes, whatever this machine's own settings are.</summary>
internal static class Model
{
    // Those that decide what the model looks like.
    private static readonly string[] Settings =
    [
        "OPENAI_API_KEY", "REALTIME_URL", "TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID", "TWILIO_PHONE_NUMBER", "ALLOWED_NUMBERS", "REQUIRE_FORWARDED_AT",
        "TWILIO_API_URL", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET", "PUBLIC_URL", "STREAM_URL", "CLOUDFLARE_TUNNEL_TOKEN", "VOICE", "MEDIABRIDGE_REPLICAS",
    ];

    /// <summary>The dashboard's own keys are given, so that none is written to this developer's user-secrets while an AppHost of theirs may run.</summary>
    public const string Key = "test";

    public static Task<IDistributedApplicationTestingBuilder> RunAsync(params (string Name, string Value)[] settings) => CreateAsync([], settings);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(string[] arguments, params (string Name, string Value)[] settings) =>
        CreateAsync(arguments, (_, _) => { }, settings);

    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        string[] arguments, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure, params (string Name, string Value)[] settings)
    {
        var all = Settings.ToDictionary(name => name, _ => "");
        // Nothing of it runs, so no engine is needed; and the model is the same with and without.
        all["USE_CONTAINERS"] = "true";
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        // Of files that are watched, Linux gives a user 128 at once, and every builder would watch three.
        return await DistributedApplicationTestingBuilder.CreateAsync<Projects.VoiceAssistant_AppHost>(
            [.. arguments, "--hostBuilder:reloadConfigOnChange=false", $"--AppHost:OtlpApiKey={Key}", $"--AppHost:DashboardApiKey={Key}", .. all.Select(setting => $"--{setting.Key}={setting.Value}")], configure, TestTimeout.Token);
    }

    public static T Find<T>(this IDistributedApplicationBuilder builder, string name)
        where T : IResource => builder.Resources.OfType<T>().Single(resource => resource.Name == name);

    public static string[] Services(this IDistributedApplicationBuilder builder) =>
        [.. builder.Resources.Where(resource => resource is ProjectResource or ContainerResource).Select(resource => resource.Name).Order()];

    public static string[] WaitsFor(this IResource resource) =>
        [.. resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name).Distinct().Order()];

    /// <summary>The values as they stand in the model: parameters and endpoints, not what they will be.</summary>
    public static async Task<Dictionary<string, object>> EnvironmentAsync(this IDistributedApplicationBuilder builder, IResource resource)
    {
        var context = new EnvironmentCallbackContext(builder.ExecutionContext, resource, cancellationToken: TestTimeout.Token);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        return context.EnvironmentVariables;
    }

    public static async Task<object[]> ArgumentsAsync(this IDistributedApplicationBuilder builder, IResource resource)
    {
        var context = new CommandLineArgsCallbackContext([], resource, TestTimeout.Token) { ExecutionContext = builder.ExecutionContext };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        return [.. context.Args];
    }
}
