using System.ComponentModel;
using System.Diagnostics;
using System.Numerics;

namespace VoiceAssistant.Local.Measuring;

/// <summary>Keeps the server and those who measure it off each other's core, where the system lets us.</summary>
internal sealed record Cores(nint Server, nint Others)
{
    /// <returns>Null where there is one core only, or no way to choose.</returns>
    public static Cores? Choose()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows())
        {
            return null;
        }

        using var self = Process.GetCurrentProcess();
        var usable = (ulong)self.ProcessorAffinity;
        var first = usable & (~usable + 1);
        var second = (usable ^ first) & (~(usable ^ first) + 1);
        return BitOperations.PopCount(usable) >= 2 ? new((nint)first, (nint)second) : null;
    }

    public override string ToString() =>
        $"the server on core {BitOperations.TrailingZeroCount(Server)}, phones and model on core {BitOperations.TrailingZeroCount(Others)}";

    /// <summary>Pins all of a process: on Linux the property reaches its first thread only, so the system's own tool does it.</summary>
    public static bool TryPin(Process process, nint core)
    {
        if (OperatingSystem.IsWindows())
        {
            process.ProcessorAffinity = core;
            return true;
        }

        try
        {
            using var taskset = Process.Start(new ProcessStartInfo("taskset", ["-a", "-p", $"{core:x}", $"{process.Id}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            taskset.WaitForExit();
            return taskset.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
