using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Ini;

namespace VoiceAssistant;

/// <summary>Settings from the file <c>.env</c> beside the solution; the environment wins over it.</summary>
public static class DotEnv
{
    private const string FileName = ".env";
    private const string Solution = "VoiceAssistant.sln";

    /// <exception cref="InvalidDataException">A line of the file is not NAME=value.</exception>
    public static void AddDotEnv(this IConfigurationManager configuration)
    {
        if ((Find(Environment.CurrentDirectory) ?? Find(AppContext.BaseDirectory)) is not { } file)
        {
            return;
        }

        // NAME=value with # comments is what an .ini file without sections looks like.
        var source = new IniConfigurationSource
        {
            Path = file,
            // The line itself may hold a secret, so the parser's own message is not shown.
            OnLoadException = context => throw new InvalidDataException(
                $"{file}: {Fault(file)} Every line must be NAME=value, a comment (#) or empty, and no name may stand there twice."),
        };
        source.ResolveFileProvider();

        var environment = configuration.Sources.OfType<EnvironmentVariablesConfigurationSource>().LastOrDefault();
        configuration.Sources.Insert(environment is null ? 0 : configuration.Sources.IndexOf(environment), source);
    }

    private static string? Find(string folder)
    {
        for (var parent = new DirectoryInfo(folder); parent is not null; parent = parent.Parent)
        {
            if (File.Exists(Path.Combine(parent.FullName, Solution)))
            {
                var file = Path.Combine(parent.FullName, FileName);
                return File.Exists(file) ? file : null;
            }
        }

        return null;
    }

    private static string Fault(string file)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (number, line) in File.ReadLines(file).Index())
        {
            var text = line.Trim();
            if (text is "" || text[0] is '#' or ';' or '/' or '[')
            {
                continue;
            }

            var end = text.IndexOf('=', StringComparison.Ordinal);
            if (end < 0)
            {
                return $"line {number + 1} has no '='.";
            }

            if (!names.Add(text[..end].Trim()))
            {
                return $"line {number + 1} sets {text[..end].Trim()} again.";
            }
        }

        return "it cannot be read.";
    }
}
