using System.Diagnostics;

namespace VoiceAssistant.Local;

/// <summary>Another process of this program.</summary>
internal static class ThisProgram
{
    public static ProcessStartInfo With(params IEnumerable<string> arguments)
    {
        var path = Environment.ProcessPath!;
        var assembly = typeof(ThisProgram).Assembly;
        return new(path, [.. IsExecutableOf(assembly.GetName().Name!, path) ? Array.Empty<string>() : [assembly.Location], .. arguments]);
    }

    /// <summary>`dotnet run` and an installed program run the executable, `dotnet VoiceAssistant.Local.dll` and tests do not.</summary>
    internal static bool IsExecutableOf(string name, string path) => Path.GetFileName(path) is var file && (file == name || file == $"{name}.exe");
}
