namespace VoiceAssistant.Calls.Budgets;

/// <summary>What the model has cost in a call so far, in US dollars.</summary>
public sealed class CallCost
{
    private readonly Lock _lock = new();
    private decimal _dollars;

    public decimal Dollars
    {
        get
        {
            lock (_lock)
            {
                return _dollars;
            }
        }
    }

    public void Add(decimal dollars)
    {
        lock (_lock)
        {
            _dollars += dollars;
        }
    }
}
