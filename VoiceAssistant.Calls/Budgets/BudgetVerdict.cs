namespace VoiceAssistant.Calls.Budgets;

/// <summary>Whether a call may begin, or which budget is used up.</summary>
public enum BudgetVerdict
{
    Granted = 0,
    Calls = 1,
    CallsPerCaller = 2,
    CallsPerCallerPerHour = 3,
    MinutesPerDay = 4,
    DollarsPerDay = 5,
}
