using System.Diagnostics;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>The sources of both services in a folder of their own, to be changed and built there.</summary>
internal sealed class SourceCopy : IDisposable
{
    private static readonly string[] Projects = ["VoiceAssistant.Calls", "VoiceAssistant.ServiceDefaults", "VoiceAssistant.Webhook", "VoiceAssistant.MediaBridge"];

    // A build that downloads its packages on a busy machine; reached only by a fault.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("voice-assistant-");

    private SourceCopy()
    {
        var root = FindRoot();
        foreach (var file in root.EnumerateFiles().Where(file => file.Name is ".editorconfig" or ".env.example" or "global.json" || file.Name.StartsWith("Directory.", StringComparison.Ordinal)))
        {
            file.CopyTo(Path.Combine(_folder.FullName, file.Name));
        }

        foreach (var file in Projects.SelectMany(project => new DirectoryInfo(Path.Combine(root.FullName, project)).EnumerateFiles("*", SearchOption.AllDirectories)))
        {
            var copy = PathOf(Path.GetRelativePath(root.FullName, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            file.CopyTo(copy);
        }
    }

    public static SourceCopy Create() => new();

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Runs dotnet in the folder, with nothing of CI's or of this machine's settings but what is given.</summary>
    /// <returns>Its exit code, and what it said.</returns>
    public async Task<(int ExitCode, string Output)> DotnetAsync(string arguments, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments + " -nodeReuse:false -p:UseSharedCompilation=false")
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["CI"] = "" },
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        using var timeout = new CancellationTokenSource(Patience);
        using var process = Process.Start(start)!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            var output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, output + await error);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // The tests are built below it: artifacts/bin/VoiceAssistant.Tests/release/.
    public static DirectoryInfo FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "VoiceAssistant.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests do not run below the sources.");
        }

        return folder;
    }
}
