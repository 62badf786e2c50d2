using System.Runtime.InteropServices;

#pragma warning disable CA1050 // The runtime looks for this name.

/// <summary>Runs in a service before it does, and measures its heap when it gets a signal: see <see cref="VoiceAssistant.Tests.Fakes.HeapGauge"/>.</summary>
/// <remarks>https://github.com/dotnet/runtime/blob/main/docs/design/features/host-startup-hook.md. Nothing here but the runtime's own: the service has no more.</remarks>
internal static class StartupHook
{
    /// <summary>Where the answer goes.</summary>
    public const string FileName = "HEAP_GAUGE_FILE";

    private static PosixSignalRegistration? _asked;

    public static void Initialize()
    {
        if (!OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable(FileName) is { } file)
        {
            // Not SIGHUP, which a process ignores that nohup has started.
            _asked = PosixSignalRegistration.Create(PosixSignal.SIGCONT, signal =>
            {
                signal.Cancel = true;
                File.WriteAllText(file + ".new", $"{Measure()}");
                File.Move(file + ".new", file);
            });
        }
    }

    // What a finalizer lets go of is gone only after the next collection.
    private static long Measure()
    {
        for (var round = 0; round < 3; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
