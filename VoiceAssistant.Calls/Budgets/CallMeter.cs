using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Calls.Budgets;

/// <summary>Tells the budgets again and again what a live stream costs. What Redis does not take is told the next time.</summary>
public sealed class CallMeter(CallBudgets budgets, StreamGrant call, CallCost cost, TimeProvider time)
{
    private long _toldAt = time.GetTimestamp();
    private decimal _told;

    /// <summary>Keeps the call's place.</summary>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public Task RenewAsync() => TellAsync((talked, dollars) => budgets.RenewAsync(call, talked, dollars, CancellationToken.None));

    /// <summary>Gives the call's place back.</summary>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public Task ReleaseAsync() => TellAsync((talked, dollars) => budgets.ReleaseAsync(call, talked, dollars, CancellationToken.None));

    // One that times out may have been counted all the same: then the day is over a little early, not late.
    private async Task TellAsync(Func<TimeSpan, decimal, Task> tell)
    {
        var (now, dollars) = (time.GetTimestamp(), cost.Dollars);
        await tell(time.GetElapsedTime(_toldAt, now), dollars - _told);
        (_toldAt, _told) = (now, dollars);
    }
}
