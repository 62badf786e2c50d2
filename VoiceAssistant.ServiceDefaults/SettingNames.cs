using System.Text.RegularExpressions;

namespace VoiceAssistant;

/// <summary>The names that may stand in <c>.env</c>: those of <c>.env.example</c>, which is a resource of this assembly, and those of the frameworks.</summary>
internal static partial class SettingNames
{
    // Shorter names are too like each other: VOICE and PORT take one slip.
    private const int MostSlips = 2;
    private const int LettersPerSlip = 4;

    // A colon is two underscores in a file.
    private static readonly string[] FrameworkPrefixes =
    [
        "ASPNETCORE_", "DOTNET_", "OTEL_", "ASPIRE_", "COMPOSE_",
        "Logging:", "Kestrel:", "services:", "Parameters:", "ConnectionStrings:", "Aspire:", "AppHost:", "Dashboard:",
    ];

    // TEMPERATURE stands in old files, and has a warning of its own.
    private static readonly string[] FrameworkNames = ["AllowedHosts", "URLS", "HTTP_PORTS", "HTTPS_PORTS", "TEMPERATURE"];

    private static readonly string[] Ours = ReadExample();

    public static bool IsKnown(string name) =>
        Ours.Concat(FrameworkNames).Contains(name, StringComparer.OrdinalIgnoreCase)
        || FrameworkPrefixes.Any(prefix => name.Replace("__", ":", StringComparison.Ordinal).StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <returns>The setting that was probably meant; null where none is like it.</returns>
    public static string? Closest(string name, Func<string, bool> isCandidate)
    {
        var candidates = Ours.Where(isCandidate).ToArray();
        return candidates
            .Select(ours => (Name: ours, Slips: Distance(Letters(name), Letters(ours))))
            .Where(ours => ours.Slips <= Math.Min(MostSlips, ours.Name.Length / LettersPerSlip))
            .OrderBy(ours => ours.Slips)
            .Select(ours => ours.Name)
            .Concat(candidates.Where(ours => LeavesWordsOut(name, ours)).OrderBy(ours => ours.Length))
            .FirstOrDefault();
    }

    private static string[] ReadExample()
    {
        using var example = new StreamReader(typeof(SettingNames).Assembly.GetManifestResourceStream(".env.example")!);
        return [.. Setting().Matches(example.ReadToEnd()).Select(setting => setting.Groups["name"].Value)];
    }

    private static string Letters(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Whether it is ours with a word or more left out, as OPENAI_KEY; one word alone may mean anything.</summary>
    private static bool LeavesWordsOut(string name, string ours)
    {
        var words = name.ToUpperInvariant().Split('_');
        var found = 0;
        foreach (var word in ours.Split('_'))
        {
            found += found < words.Length && word == words[found] ? 1 : 0;
        }

        return words.Length > 1 && found == words.Length;
    }

    /// <summary>How many letters are wrong, missing, too many, or changed places with the next one (Damerau and Levenshtein).</summary>
    private static int Distance(string left, string right)
    {
        var slips = new int[left.Length + 1, right.Length + 1];
        for (var l = 0; l <= left.Length; l++)
        {
            for (var r = 0; r <= right.Length; r++)
            {
                slips[l, r] =
                    l == 0 || r == 0 ? l + r
                    : left[l - 1] == right[r - 1] ? slips[l - 1, r - 1]
                    : 1 + Math.Min(slips[l - 1, r - 1], Math.Min(slips[l - 1, r], slips[l, r - 1]));
                if (l > 1 && r > 1 && left[l - 1] == right[r - 2] && left[l - 2] == right[r - 1])
                {
                    slips[l, r] = Math.Min(slips[l, r], slips[l - 2, r - 2] + 1);
                }
            }
        }

        return slips[left.Length, right.Length];
    }

    [GeneratedRegex("^# ?(?<name>[A-Z][A-Z0-9_]*)=", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
