using System.Diagnostics;

namespace VoiceAssistant.Local.Chaos;

/// <summary>What a process holds while nothing is to be done.</summary>
/// <param name="Sockets">Null where the system does not tell.</param>
/// <param name="Threads">How many.</param>
/// <param name="Memory">Physical, managed and native, in bytes.</param>
internal readonly record struct Footprint(int? Sockets, int Threads, long Memory)
{
    public static Footprint Of(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return new(CountSockets(processId), process.Threads.Count, process.WorkingSet64);
    }

    private static int? CountSockets(int processId)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        return Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd").Count(IsSocket);
    }

    private static bool IsSocket(string handle)
    {
        try
        {
            return new FileInfo(handle).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) is true;
        }
        catch (IOException)
        {
            // Closed while the others were counted.
            return false;
        }
    }
}
