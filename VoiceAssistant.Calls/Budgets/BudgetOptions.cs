using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.Calls.Budgets;

/// <summary>How much may be called. As text, so that wrong settings are reported together with all other faults.</summary>
public sealed record BudgetOptions
{
    public const string CallsName = "MAX_CONCURRENT_CALLS";
    public const string CallsOfCallerName = "MAX_CONCURRENT_CALLS_PER_CALLER";
    public const string CallsOfCallerInAnHourName = "MAX_CALLS_PER_CALLER_PER_HOUR";
    public const string MinutesOfDayName = "MAX_MINUTES_PER_DAY";
    public const string DollarsOfDayName = "MAX_DOLLARS_PER_DAY";

    public static IReadOnlyList<string> Names { get; } = [CallsName, CallsOfCallerName, CallsOfCallerInAnHourName, MinutesOfDayName, DollarsOfDayName];

    /// <summary>Calls at one time, over all replicas.</summary>
    [ConfigurationKeyName(CallsName)]
    public string Calls { get; init => field = Or(value, "20"); } = "20";

    [ConfigurationKeyName(CallsOfCallerName)]
    public string CallsOfCaller { get; init => field = Or(value, "2"); } = "2";

    [ConfigurationKeyName(CallsOfCallerInAnHourName)]
    public string CallsOfCallerInAnHour { get; init => field = Or(value, "10"); } = "10";

    /// <summary>Minutes of all calls of a day (UTC).</summary>
    [ConfigurationKeyName(MinutesOfDayName)]
    public string MinutesOfDay { get; init => field = Or(value, "0"); } = "0";

    /// <summary>US dollars of a day (UTC) that the model costs, reckoned from the tokens it reports.</summary>
    [ConfigurationKeyName(DollarsOfDayName)]
    public string DollarsOfDay { get; init => field = Or(value, "50"); } = "50";

    /// <summary>In the order of <see cref="Names"/>; 0 for no limit, null where the setting is wrong.</summary>
    public IReadOnlyList<int?> Limits => [.. Texts.Select(Limit)];

    public IReadOnlyList<string> Texts => [Calls, CallsOfCaller, CallsOfCallerInAnHour, MinutesOfDay, DollarsOfDay];

    /// <returns>The setting whose limit is reached.</returns>
    public static string NameOf(BudgetVerdict verdict) => verdict switch
    {
        BudgetVerdict.Calls => CallsName,
        BudgetVerdict.CallsOfCaller => CallsOfCallerName,
        BudgetVerdict.CallsOfCallerInAnHour => CallsOfCallerInAnHourName,
        BudgetVerdict.MinutesOfDay => MinutesOfDayName,
        BudgetVerdict.DollarsOfDay => DollarsOfDayName,
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "No budget is used up."),
    };

    // As every record of options: who prints one need not know what is in it.
    public override string ToString() => nameof(BudgetOptions);

    private static int? Limit(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit <= 1_000_000 ? limit : null;

    private static string Or(string value, string otherwise) => string.IsNullOrWhiteSpace(value) ? otherwise : value.Trim();
}

internal sealed class BudgetOptionsValidator : IValidateOptions<BudgetOptions>
{
    public ValidateOptionsResult Validate(string? name, BudgetOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();
        foreach (var (setting, text, limit) in BudgetOptions.Names.Zip(options.Texts, options.Limits))
        {
            if (limit is null)
            {
                faults.AddError($"{setting} is '{text}'; expected a whole number up to 1000000, or 0 for no limit.");
            }
        }

        return faults.Build();
    }
}
