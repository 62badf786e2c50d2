using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.Calls.Budgets;

/// <summary>How much may be called; 0 means without a limit.</summary>
public sealed record BudgetOptions
{
    public const string CallsName = "MAX_CONCURRENT_CALLS";
    public const string CallsPerCallerName = "MAX_CONCURRENT_CALLS_PER_CALLER";
    public const string CallsPerCallerPerHourName = "MAX_CALLS_PER_CALLER_PER_HOUR";
    public const string MinutesPerDayName = "MAX_MINUTES_PER_DAY";
    public const string DollarsPerDayName = "MAX_DOLLARS_PER_DAY";

    /// <summary>Calls at one time, over all replicas.</summary>
    [ConfigurationKeyName(CallsName)]
    public int Calls { get; init; } = 20;

    [ConfigurationKeyName(CallsPerCallerName)]
    public int CallsPerCaller { get; init; } = 2;

    [ConfigurationKeyName(CallsPerCallerPerHourName)]
    public int CallsPerCallerPerHour { get; init; } = 10;

    /// <summary>Minutes of all calls of a day (UTC).</summary>
    [ConfigurationKeyName(MinutesPerDayName)]
    public int MinutesPerDay { get; init; }

    /// <summary>US dollars a day (UTC) that the model costs, estimated from the tokens it reports.</summary>
    [ConfigurationKeyName(DollarsPerDayName)]
    public int DollarsPerDay { get; init; } = 50;
}

internal sealed class BudgetOptionsValidator : IValidateOptions<BudgetOptions>
{
    public ValidateOptionsResult Validate(string? name, BudgetOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();
        Check(BudgetOptions.CallsName, options.Calls);
        Check(BudgetOptions.CallsPerCallerName, options.CallsPerCaller);
        Check(BudgetOptions.CallsPerCallerPerHourName, options.CallsPerCallerPerHour);
        Check(BudgetOptions.MinutesPerDayName, options.MinutesPerDay);
        Check(BudgetOptions.DollarsPerDayName, options.DollarsPerDay);
        return faults.Build();

        void Check(string setting, int value)
        {
            if (value < 0)
            {
                faults.AddError($"{setting} is {value}; expected a whole number, or 0 for no limit.");
            }
        }
    }
}
