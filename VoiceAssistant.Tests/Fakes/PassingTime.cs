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
    public static async Task AdvanceUntilAsync(this FakeTimeProvider time, Func<bool> hasHappened)
    {
        var end = TestTimeout.Token;
        while (!hasHappened())
        {
            time.Advance(Step);
            await Task.Delay(10, end);
        }
    }

    /// <inheritdoc cref="AdvanceUntilAsync(FakeTimeProvider, Func{bool})"/>
    public static async Task AdvanceUntilAsync(this FakeTimeProvider time, Task happening)
    {
        await time.AdvanceUntilAsync(() => happening.IsCompleted);
        await happening;
    }

    /// <summary>As above, in a call: the caller speaks meanwhile and is heard at every step, as one who is silent for 5 s is gone.</summary>
    public static async Task AdvanceUntilAsync(this FakeTimeProvider time, Task happening, BridgeHost bridge, FakeTwilioStream caller)
    {
        var end = TestTimeout.Token;
        for (var passed = 0; !happening.IsCompleted; passed += (int)Step.TotalMilliseconds)
        {
            // The bridge may close the stream before the test knows that this is what it was waiting for.
            await caller.TrySendMediaAsync(passed, [0x7F]);
            await bridge.HeardAsync();
            time.Advance(Step);
            await Task.WhenAny(happening, Task.Delay(10, end));
            end.ThrowIfCancellationRequested();
        }

        await happening;
    }
}
