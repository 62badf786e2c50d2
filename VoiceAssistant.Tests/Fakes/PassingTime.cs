using Microsoft.Extensions.Time.Testing;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>For what happens after a time, where nothing tells when somebody has begun to wait for it.</summary>
/// <remarks>
/// Not for what has to happen before some time is over: how much passes meanwhile depends on the machine. Nothing else that takes real time,
/// such as a connection to the model, may be under way.
/// </remarks>
internal static class PassingTime
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Lets time pass until something has happened; at least as much as that takes, and more the slower the machine is.</summary>
    /// <param name="time">What passes.</param>
    /// <param name="hasHappened">What is waited for.</param>
    /// <param name="step">How much passes at once; a tenth of a second where not said; a minute of those takes the machine seconds.</param>
    public static async Task AdvanceUntilAsync(this FakeTimeProvider time, Func<bool> hasHappened, TimeSpan? step = null)
    {
        var end = TestTimeout.Token;
        while (!hasHappened())
        {
            time.Advance(step ?? Step);
            await Task.Delay(10, end);
        }
    }

    /// <inheritdoc cref="AdvanceUntilAsync(FakeTimeProvider, Func{bool}, TimeSpan?)"/>
    public static async Task AdvanceUntilAsync(this FakeTimeProvider time, Task happening, TimeSpan? step = null)
    {
        await time.AdvanceUntilAsync(() => happening.IsCompleted, step);
        await happening;
    }

    /// <summary>As above, in a call: the caller speaks meanwhile and is heard at every step, as one who is silent for 5 s is gone.</summary>
    public static async Task AdvanceUntilAsync(this FakeTimeProvider time, Task happening, BridgeHost bridge, FakeTwilioStream caller)
    {
        await time.AdvanceUntilAsync(() => happening.IsCompleted, bridge, caller);
        await happening;
    }

    /// <inheritdoc cref="AdvanceUntilAsync(FakeTimeProvider, Task, BridgeHost, FakeTwilioStream)"/>
    public static async Task AdvanceUntilAsync(this FakeTimeProvider time, Func<bool> hasHappened, BridgeHost bridge, FakeTwilioStream caller)
    {
        var end = TestTimeout.Token;
        for (var passed = 0; !hasHappened(); passed += (int)Step.TotalMilliseconds)
        {
            // The bridge may close the stream before the test knows that this is what it was waiting for.
            await caller.TrySendMediaAsync(passed, [0x7F]);
            await bridge.HeardAsync();
            time.Advance(Step);
            await Task.Delay(10, end);
        }
    }
}
