using System.Diagnostics;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>A service as it is started: its own process, in a directory and with an environment that hold no settings of this machine.</summary>
internal sealed record ServiceProcess(int ExitCode, string Output, string Error)
{
    // A .env of the developer's must not answer for what is left out.
    private static readonly string[] Settings =
    [
        "TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID", "ALLOWED_NUMBERS", "REQUIRE_FORWARDED_AT", "PUBLIC_URL", "ConnectionStrings__redis",
        "OPENAI_API_KEY", "REALTIME_URL", "REALTIME_AUTH", "HANDSHAKE_SIGNATURE", "MAX_CALLS", "MAX_CALL_MINUTES", "MANAGEMENT_PORT", "ASPNETCORE_URLS",
        "TWILIO_API_URL", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET", "TRANSCRIPTION_MODEL", "SESSION_MINUTES", "WARM_SESSIONS", "DRAIN_SECONDS",
    ];

    // These count also where they are empty.
    private static readonly string[] Environments = ["ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"];

    /// <returns>What a service that does not stay has said.</returns>
    public static async Task<ServiceProcess> RunAsync(
        string project, string directory, IReadOnlyDictionary<string, string> settings, params IEnumerable<string> arguments)
    {
        using var process = Start(project, directory, settings, arguments);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(TestTimeout.Token);
            var error = process.StandardError.ReadToEndAsync(TestTimeout.Token);
            await process.WaitForExitAsync(TestTimeout.Token);
            return new ServiceProcess(process.ExitCode, await output, await error);
        }
        finally
        {
            process.Kill();
        }
    }

    public static Process Start(string project, string directory, IReadOnlyDictionary<string, string> settings, params IEnumerable<string> arguments)
    {
        // artifacts/bin/VoiceAssistant.Tests/release/ and beside it artifacts/bin/VoiceAssistant.Webhook/release/
        var tests = new DirectoryInfo(AppContext.BaseDirectory);
        var service = Path.Combine(tests.Parent!.Parent!.FullName, project, tests.Name, project + ".dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [service, .. arguments])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in Settings)
        {
            start.Environment[name] = "";
        }

        foreach (var name in Environments)
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
