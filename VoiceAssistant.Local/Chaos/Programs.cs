using System.Diagnostics;

namespace VoiceAssistant.Local.Chaos;

/// <summary>What is started, and where its output goes: the services as they were built, beside this program, and the system's redis-server.</summary>
internal sealed class Programs
{
    // What stands in the user's environment or .env is for their calls, not for these.
    private static readonly string[] Settings =
    [
        "TWILIO_ACCOUNT_SID", "ALLOWED_NUMBERS", "REQUIRE_FORWARDED_AT", "STREAM_URL", "OPENAI_API_KEY", "REALTIME_AUTH", "REALTIME_MODEL", "REALTIME_SESSION",
        "HANDSHAKE_SIGNATURE", "MANAGEMENT_PORT", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET", "SESSION_MINUTES", "WARM_SESSIONS",
        "TURN_DETECTION", "SILENCE_DURATION_MS", "OTEL_EXPORTER_OTLP_ENDPOINT",
    ];

    // These count also where they are empty; without them, it is Production.
    private static readonly string[] Environments = ["ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "HTTP_PORTS"];

    private readonly string _redis;

    /// <exception cref="InvalidDataException">Something is not there; says how to get it.</exception>
    public Programs()
    {
        _redis = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "redis-server"))
            .FirstOrDefault(File.Exists)
            ?? throw new InvalidDataException(
                "There is no redis-server on the PATH, and what happens when Redis dies is to be seen with a real one: apt-get install redis-server, or brew install redis.");
        foreach (var project in new[] { "VoiceAssistant.Webhook", "VoiceAssistant.MediaBridge" })
        {
            if (!File.Exists(PathOf(project)))
            {
                throw new InvalidDataException($"{PathOf(project)} is not there: run `dotnet build -c Release` at the root, and this command from there.");
            }
        }

        Logs = Directory.CreateTempSubdirectory("voice-chaos-").FullName;
    }

    /// <summary>The folder with what each process says.</summary>
    public string Logs { get; }

    // As it is deployed: nothing in it has to survive.
    public ProcessStartInfo Redis(int port) =>
        new(_redis, ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]) { WorkingDirectory = Logs };

    public static ProcessStartInfo Assistant(int port) => ThisProgram.With("assistant", "--port", $"{port}");

    public ProcessStartInfo Service(string project, IEnumerable<KeyValuePair<string, string>> settings)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [PathOf(project)]) { WorkingDirectory = Logs };
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

        return start;
    }

    // artifacts/bin/VoiceAssistant.Local/release/ and beside it artifacts/bin/VoiceAssistant.Webhook/release/
    private static string PathOf(string project)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(here.Parent!.Parent!.FullName, project, here.Name, $"{project}.dll");
    }
}
