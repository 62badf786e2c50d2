using Microsoft.Extensions.Configuration;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>Whether this machine can start what the AppHost starts as containers.</summary>
internal static class ContainerEngine
{
    private static readonly Lazy<ContainerRuntime> Found = new(() => ContainerRuntime.Ask(
        new ConfigurationBuilder().AddEnvironmentVariables().Build(),
        // On a machine that is busy with other tests, more than a developer would wait for.
        TimeSpan.FromSeconds(30)));

    /// <summary>Skips the test where there is none.</summary>
    public static void Require() => Assert.SkipUnless(
        Found.Value.IsUsable,
        $"Needs a container engine: {Found.Value.Finding}. On Debian, as root, eval \"$(scripts/container-engine start)\" makes one.");

    /// <summary>Skips the test where the tunnel would be a real one, which lets nobody make up what Cloudflare answers.</summary>
    public static void RequireStandIn()
    {
        Require();
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("CLOUDFLARED_IS_STAND_IN") is "true", "Needs the stand-in for cloudflared that scripts/container-engine makes.");
    }
}
