using VoiceAssistant.Calls.Budgets;

namespace VoiceAssistant.Tests.Calls.Budgets;

public sealed class BudgetOptionsTests
{
    private readonly BudgetOptionsValidator _validator = new();

    [Fact]
    public void Options_AreValid_ByDefaultAndWithoutLimits()
    {
        Assert.True(_validator.Validate(null, new()).Succeeded);
        Assert.True(_validator.Validate(
            null, new() { Calls = 0, CallsPerCaller = 0, CallsPerCallerPerHour = 0, MinutesPerDay = 0, DollarsPerDay = 0 }).Succeeded);
    }

    [Fact]
    public void EveryFault_IsNamed_WithItsValue()
    {
        var faults = _validator.Validate(
            null, new() { Calls = -1, CallsPerCaller = -2, CallsPerCallerPerHour = -3, MinutesPerDay = -4, DollarsPerDay = -5 }).Failures;

        Assert.Equal(
            [
                "MAX_CONCURRENT_CALLS is -1; expected a whole number, or 0 for no limit.",
                "MAX_CONCURRENT_CALLS_PER_CALLER is -2; expected a whole number, or 0 for no limit.",
                "MAX_CALLS_PER_CALLER_PER_HOUR is -3; expected a whole number, or 0 for no limit.",
                "MAX_MINUTES_PER_DAY is -4; expected a whole number, or 0 for no limit.",
                "MAX_DOLLARS_PER_DAY is -5; expected a whole number, or 0 for no limit.",
            ],
            faults);
    }
}
