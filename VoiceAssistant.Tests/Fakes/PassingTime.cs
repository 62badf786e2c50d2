using Microsoft.Extensions.Time.Testing;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>For what happens after a time, where nothing tells when somebody has begun to wait for it.</summary>
internal static class PassingTime
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc cref="AdvanceUntilAsync(FakeTimeProvider, Task, FakeTwilioStream)"/>
    public static async Task AdvanceUntilAsync(this FakeTimeProvider time, Func<bool> hasHappened)
    {
        var end = TestTimeout.Token;
        while (!hasHappened())
        {
            time.Advance(Step);
            await Task.Delay(1, end);
        }
    }

    /// <summary>Lets time pass until something has happened; at least as much as that takes, and more the slower the machine is.</summary>
    /// <param name="time">Is moved on.</param>
    /// <param name="happening">What is waited for.</param>
    /// <param name="caller">Speaks meanwhile, as one who is silent for 5 s is gone.</param>
    public static async Task AdvanceUntilAsync(this FakeTimeProvider time, Task happening, FakeTwilioStream? caller = null)
    {
        for (var passed = 0; !happening.IsCompleted && passed < 12_000; passed++)
        {
            if (caller is not null)
            {
                await caller.SendMediaAsync(passed * 100, [0x7F]);
            }

            time.Advance(Step);
            await Task.WhenAny(happening, Task.Delay(caller is null ? 1 : 10, TestTimeout.Token));
        }

        await happening.WaitAsync(TestTimeout.Value);
    }
}
