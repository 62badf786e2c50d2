using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace VoiceAssistant;

/// <summary>Settings from the file <c>.env</c> beside the solution; the environment wins over it.</summary>
public static partial class DotEnv
{
    /// <summary><c>true</c> in the environment of a service that the AppHost starts: the AppHost has read the same file, and has told of its unknown names.</summary>
    public const string CheckedName = "DOTENV_CHECKED";

    private const string FileName = ".env";
    private const string Solution = "VoiceAssistant.sln";

    /// <returns>The names that nothing here reads; the log should tell of them.</returns>
    /// <exception cref="InvalidDataException">The file cannot be read, or a line of it is not NAME=value.</exception>
    public static UnknownNames AddDotEnv(this IConfigurationManager configuration) =>
        configuration.AddDotEnv(Environment.CurrentDirectory, AppContext.BaseDirectory);

    /// <param name="configuration">Where the settings go.</param>
    /// <param name="folders">Below the solution: the first that is decides.</param>
    internal static UnknownNames AddDotEnv(this IConfigurationManager configuration, params IEnumerable<string> folders)
    {
        if (folders.Select(Find).FirstOrDefault(file => file is not null) is not { } file)
        {
            return UnknownNames.None;
        }

        var names = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var source = new MemoryConfigurationSource { InitialData = Read(file, names) };
        var environment = configuration.Sources.OfType<EnvironmentVariablesConfigurationSource>().LastOrDefault();
        configuration.Sources.Insert(environment is null ? 0 : configuration.Sources.IndexOf(environment), source);
        return configuration[CheckedName] is "true" ? UnknownNames.None : UnknownNames.Among(file, names);
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

    private static Dictionary<string, string?> Read(string file, Dictionary<string, int> names)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (index, line) in ReadLines(file).Index())
        {
            if (line.AsSpan().Trim() is [] or ['#', ..])
            {
                continue;
            }

            // The line may hold a secret, so it is not shown.
            var setting = Setting().Match(line);
            if (!setting.Success)
            {
                throw new InvalidDataException($"{file}, line {index + 1}, cannot be read; expected NAME=value, a comment (#) or nothing.");
            }

            var (name, value) = (setting.Groups["name"].Value, setting.Groups["value"].Value);
            // Two underscores stand for a colon, as they do in the environment.
            if (!settings.TryAdd(name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), value))
            {
                throw new InvalidDataException($"{file}, line {index + 1}, sets {name} again; expected each name once.");
            }

            // A line that is a secret in base64 and nothing else reads like a name with nothing behind it, which does nothing anyway.
            if (value.Trim('=') is not "")
            {
                names.Add(name, index + 1);
            }
        }

        return settings;
    }

    private static string[] ReadLines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{file} cannot be read: {exception.Message}", exception);
        }
    }

    // As shells read it: export, quotes of one kind around the whole value, and a comment behind it do not belong to it.
    [GeneratedRegex(
        """^\s*(export\s+)?(?<name>[A-Za-z_][A-Za-z0-9_:.]*)\s*="""
        + """(\s*"(?<value>[^"]*)"|\s*'(?<value>[^']*)'|(?<value>)|\s*(?<value>\S.*?))(\s+#.*)?\s*$""")]
    private static partial Regex Setting();
}
