using VoiceAssistant.Calls.Budgets;

namespace VoiceAssistant.Tests.Calls.Budgets;

public sealed class BudgetOptionsTests
{
    private readonly BudgetOptionsValidator _validator = new();

    [Fact]
    public void Options_HaveTheirDefaults_WhereTheSettingsAreEmpty()
    {
        var options = new BudgetOptions { Calls = "", CallsOfCaller = " ", CallsOfCallerInAnHour = "", MinutesOfDay = "", DollarsOfDay = "" };

        Assert.Equal(new BudgetOptions(), options);
        Assert.Equal([20, 2, 10, 0, 50], options.Limits);
        Assert.True(_validator.Validate(null, options).Succeeded);
    }

    [Fact]
    public void EveryFault_IsNamed_WithItsValue()
    {
        var faults = _validator.Validate(
            null, new() { Calls = "many", CallsOfCaller = "-1", CallsOfCallerInAnHour = "1.5", MinutesOfDay = "1000001", DollarsOfDay = "$5" }).Failures;

        Assert.Equal(
            [
                "MAX_CONCURRENT_CALLS is 'many'; expected a whole number up to 1000000, or 0 for no limit.",
                "MAX_CONCURRENT_CALLS_PER_CALLER is '-1'; expected a whole number up to 1000000, or 0 for no limit.",
                "MAX_CALLS_PER_CALLER_PER_HOUR is '1.5'; expected a whole number up to 1000000, or 0 for no limit.",
                "MAX_MINUTES_PER_DAY is '1000001'; expected a whole number up to 1000000, or 0 for no limit.",
                "MAX_DOLLARS_PER_DAY is '$5'; expected a whole number up to 1000000, or 0 for no limit.",
            ],
            faults);
    }
}
