using System.Globalization;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>How much a service in a process of its own holds on to, whatever other tests do meanwhile in this one.</summary>
internal sealed class HeapGauge : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("heap-");

    private string Answer => Path.Combine(_directory.FullName, "bytes");

    /// <summary>To start the service with.</summary>
    public IEnumerable<KeyValuePair<string, string>> Settings =>
    [
        new("DOTNET_STARTUP_HOOKS", typeof(StartupHook).Assembly.Location),
        new(StartupHook.FileName, Answer),
    ];

    /// <returns>Bytes on the managed heap after everything was collected that nobody holds.</returns>
    public async Task<long> ReadAsync(RunningService service)
    {
        service.Signal("CONT");
        for (var end = TestTimeout.Token; !File.Exists(Answer);)
        {
            await Task.Delay(10, end);
        }

        var bytes = long.Parse(await File.ReadAllTextAsync(Answer, TestTimeout.Token), CultureInfo.InvariantCulture);
        File.Delete(Answer);
        return bytes;
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
