namespace VoiceAssistant.Calls.Redis;

internal static class RedisPatience
{
    // A caller is waiting; Redis answers in well under a millisecond or not at all.
    internal static readonly TimeSpan Value = TimeSpan.FromMilliseconds(300);

    /// <exception cref="TimeoutException">There was no answer in the time that a caller can wait. What was asked may still be done.</exception>
    public static Task<T> WithinPatience<T>(this Task<T> answer, TimeProvider time, CancellationToken cancellationToken) =>
        answer.WaitAsync(Value, time, cancellationToken);
}
