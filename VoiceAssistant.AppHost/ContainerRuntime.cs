using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace VoiceAssistant.AppHost;

/// <summary>Whether Docker or Podman runs containers here, in the opinion of the orchestrator that would ask it to.</summary>
/// <param name="IsUsable">Whether containers can be started.</param>
/// <param name="Finding">Why not, as a clause: "docker is not installed".</param>
internal sealed record ContainerRuntime(bool IsUsable, string Finding)
{
    public const string Setting = "USE_CONTAINERS";

    private const string RuntimeName = "ASPIRE_CONTAINER_RUNTIME";

    // A developer is waiting; an engine that takes longer is hardly one to work with.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <exception cref="InvalidDataException">USE_CONTAINERS or ASPIRE_CONTAINER_RUNTIME has a value that means nothing.</exception>
    public static ContainerRuntime Find(IConfiguration configuration)
    {
        if (configuration[RuntimeName] is { } runtime and not ("" or "docker" or "podman"))
        {
            throw new InvalidDataException($"{RuntimeName} is '{runtime}'; expected docker, podman, or nothing for whichever runs.");
        }

        return configuration[Setting] switch
        {
            null or "" => Ask(configuration, Patience),
            var text when bool.TryParse(text, out var isWanted) => new(isWanted, $"{Setting} is false"),
            var text => throw new InvalidDataException($"{Setting} is '{text}'; expected true, false, or nothing to use containers where Docker or Podman runs."),
        };
    }

    internal static ContainerRuntime Ask(IConfiguration configuration, TimeSpan patience)
    {
        var name = configuration[RuntimeName] is { Length: > 0 } given ? given : null;
        try
        {
            using var info = Process.Start(new ProcessStartInfo(Orchestrator(), name is null ? ["info"] : ["info", "--container-runtime", name])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            info.BeginErrorReadLine();
            var output = info.StandardOutput.ReadToEndAsync();
            if (!output.Wait(patience))
            {
                info.Kill(entireProcessTree: true);
                return new(false, $"{name ?? "the container engine"} did not answer within {patience.TotalSeconds:0} s");
            }

            return Judge(output.Result, isNamed: name is not null);
        }
        catch (Exception exception) when (exception is Win32Exception or JsonException)
        {
            return new(false, $"the orchestrator does not say whether there is a container engine ({exception.Message})");
        }
    }

    /// <param name="information">What `dcp info` prints.</param>
    /// <param name="isNamed">Whether it was asked for one engine, and not for any.</param>
    /// <exception cref="JsonException">It is something else.</exception>
    internal static ContainerRuntime Judge(string information, bool isNamed) =>
        JsonSerializer.Deserialize<Information>(information, JsonSerializerOptions.Web)?.Containers switch
        {
            { Installed: true, Running: true } => new(true, ""),
            { Installed: true } engine => new(false, $"{engine.Runtime} is installed but does not work ({LastLine(engine.Error)})"),
            { } missing when isNamed => new(false, $"{missing.Runtime} is not installed"),
            _ => new(false, "neither Docker nor Podman is installed"),
        };

    // Where the build has put it: Aspire's own way to find it (DcpOptions.cs).
    private static string Orchestrator() => typeof(ContainerRuntime).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(metadata => string.Equals(metadata.Key, "DcpCliPath", StringComparison.OrdinalIgnoreCase))?.Value
        ?? throw new InvalidOperationException("The AppHost was built without the orchestrator.");

    private static string LastLine(string? error) => error?.Trim().Split('\n')[^1].Trim() is { Length: > 0 } line ? line.TrimEnd('.') : "it does not say why";

    private sealed record Information(Engine? Containers);

    private sealed record Engine(string Runtime, bool Installed, bool Running, string? Error);
}
