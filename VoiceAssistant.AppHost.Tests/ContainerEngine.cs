using System.ComponentModel;
using System.Diagnostics;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>Whether this machine can start what the AppHost starts as containers.</summary>
internal static class ContainerEngine
{
    // Without an engine the answer takes no time; with one on a busy machine it may.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly Lazy<Task<bool>> Answers = new(AnswersAsync);

    /// <summary>Skips the test where there is none.</summary>
    public static async Task RequireAsync() => Assert.SkipUnless(
        await Answers.Value,
        "Needs a container engine, and neither docker nor podman answers: start one; on Debian, as root, eval \"$(scripts/container-engine start)\" does.");

    private static async Task<bool> AnswersAsync()
    {
        string[] clients = Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") is { Length: > 0 } client ? [client] : ["docker", "podman"];
        foreach (var name in clients)
        {
            if (await AnswersAsync(name))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<bool> AnswersAsync(string client)
    {
        try
        {
            // A question that only the engine can answer.
            using var process = Process.Start(new ProcessStartInfo(client, ["container", "ls", "--last", "1"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var timeout = new CancellationTokenSource(Patience);
            try
            {
                await Task.WhenAll(process.StandardOutput.ReadToEndAsync(timeout.Token), process.StandardError.ReadToEndAsync(timeout.Token));
                await process.WaitForExitAsync(timeout.Token);
                return process.ExitCode == 0;
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return false;
            }
        }
        catch (Win32Exception)
        {
            // No such program.
            return false;
        }
    }
}
