using StackExchange.Redis;

namespace VoiceAssistant.Calls.Redis;

internal static class RedisPatience
{
    // A caller is waiting; Redis answers in well under a millisecond or not at all.
    internal static readonly TimeSpan Value = TimeSpan.FromMilliseconds(300);

    // Later, and this process had no time to look at the answer: it compiles, collects garbage, or has no processor.
    internal static readonly TimeSpan Late = TimeSpan.FromMilliseconds(50);

    /// <summary>Of the client's own: no command is kept for later, and a lost or promoted server is noticed within seconds.</summary>
    /// <param name="client">Whatever the connection string says about it.</param>
    public static void Limit(ConfigurationOptions client)
    {
        client.AbortOnConnectFail = false;
        client.ConnectTimeout = 1000;
        // Longer than ours, also where this process was late: it does not know of that.
        client.AsyncTimeout = 2000;
        client.SyncTimeout = 1000;
        client.ConfigCheckSeconds = 5;
        client.KeepAlive = 10;
        client.BacklogPolicy = BacklogPolicy.FailFast;
        // Of the client's queues and threads: what has failed stands before it.
        client.IncludeDetailInExceptions = false;
    }

    /// <summary>Waits for 300 ms from when the command was sent; once more, where this process was late to look.</summary>
    /// <exception cref="TimeoutException">There was no answer in the time that a caller can wait. What was asked may still be done.</exception>
    public static async Task<T> WithinPatience<T>(this Task<T> answer, TimeProvider time, CancellationToken cancellationToken)
    {
        var sent = time.GetTimestamp();
        try
        {
            return await answer.WaitAsync(Value, time, cancellationToken);
        }
        catch (TimeoutException) when (!answer.IsFaulted)
        {
            // Timers overtake whatever else waits for a thread, an answer that was read included: behind all that, it is known how late we are.
            await Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
            if (!answer.IsCompleted && time.GetElapsedTime(sent) - Value < Late)
            {
                throw;
            }
        }

        return await answer.WaitAsync(Value, time, cancellationToken);
    }
}
