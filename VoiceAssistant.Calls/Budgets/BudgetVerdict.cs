namespace VoiceAssistant.Calls.Budgets;

/// <summary>Whether a call may begin, or which budget is used up.</summary>
public enum BudgetVerdict
{
    Granted,
    Calls,
    CallsOfCaller,
    CallsOfCallerInAnHour,
    MinutesOfDay,
    DollarsOfDay,
}
