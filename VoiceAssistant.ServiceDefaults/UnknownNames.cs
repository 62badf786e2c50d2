using Microsoft.Extensions.Logging;

namespace VoiceAssistant;

/// <summary>The names in <c>.env</c> that nothing here reads, as sentences for the log; their values are in none.</summary>
public sealed partial class UnknownNames
{
    private UnknownNames(IReadOnlyList<string> misspelt, string? others) => (Misspelt, Others) = (misspelt, others);

    public static UnknownNames None { get; } = new([], null);

    /// <summary>A sentence for each name that is like one of ours.</summary>
    public IReadOnlyList<string> Misspelt { get; }

    /// <summary>One sentence for all the others, which may be another program's; null where there are none.</summary>
    public string? Others { get; }

    public IEnumerable<string> Sentences => Others is null ? Misspelt : [.. Misspelt, Others];

    public void LogTo(ILogger logger)
    {
        foreach (var sentence in Misspelt)
        {
            LogMisspelt(logger, sentence);
        }

        if (Others is not null)
        {
            LogOthers(logger, Others);
        }
    }

    /// <param name="file">Where they stand.</param>
    /// <param name="names">All that are set there to something, with their lines.</param>
    internal static UnknownNames Among(string file, IReadOnlyDictionary<string, int> names)
    {
        var unknown = names
            .Where(name => !SettingNames.IsKnown(name.Key))
            // A setting that stands in the file itself is not one that was misspelt.
            .Select(name => (Name: name.Key, Line: name.Value, Meant: SettingNames.Closest(name.Key, ours => !names.ContainsKey(ours))))
            .OrderBy(name => name.Line)
            .ToLookup(name => name.Meant is not null);
        return new(
            [.. unknown[true].Select(name => $"{file}, line {name.Line}: {name.Name} is no setting; did you mean {name.Meant}?")],
            unknown.Contains(false) ? $"{file} has names that nothing here reads: {string.Join(", ", unknown[false].Select(name => name.Name))}." : null);
    }

    [LoggerMessage(1, LogLevel.Warning, "{Sentence}", EventName = "SettingMisspelt")]
    private static partial void LogMisspelt(ILogger logger, string sentence);

    [LoggerMessage(2, LogLevel.Information, "{Sentence}", EventName = "SettingsUnknown")]
    private static partial void LogOthers(ILogger logger, string sentence);
}
