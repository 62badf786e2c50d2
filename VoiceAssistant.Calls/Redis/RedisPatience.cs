using StackExchange.Redis;

namespace VoiceAssistant.Calls.Redis;

internal static class RedisPatience
{
    // A caller is waiting; Redis answers in well under a millisecond or not at all.
    internal static readonly TimeSpan Value = TimeSpan.FromMilliseconds(300);

    // A process that has a thread and a processor looks within a millisecond or two. Later, the answer may be there and not have been read yet.
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(20);

    // A process that has none for longer answers no caller anyway.
    private const int MaxWaits = 5;

    /// <summary>Of the client's own: no command is kept for later, and a lost or promoted server is noticed within seconds.</summary>
    /// <param name="client">Whatever the connection string says about it.</param>
    public static void Limit(ConfigurationOptions client)
    {
        client.AbortOnConnectFail = false;
        client.ConnectTimeout = 1000;
        // Longer than ours, also where this process is late: the client does not know of that.
        client.AsyncTimeout = 2000;
        client.SyncTimeout = 1000;
        client.ConfigCheckSeconds = 5;
        client.KeepAlive = 10;
        client.BacklogPolicy = BacklogPolicy.FailFast;
        // Of the client's queues and threads: what has failed stands before it.
        client.IncludeDetailInExceptions = false;
    }

    /// <summary>Waits for 300 ms from when the command was sent; longer only where this process was late to look.</summary>
    /// <exception cref="TimeoutException">There was no answer in the time that a caller can wait. What was asked may still be done.</exception>
    public static async Task<T> WithinPatience<T>(this Task<T> answer, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var waits = 1; ; waits++)
        {
            var since = time.GetTimestamp();
            try
            {
                return await answer.WaitAsync(Value, time, cancellationToken);
            }
            catch (TimeoutException) when (!answer.IsFaulted && waits < MaxWaits)
            {
                // Timers overtake what waits for a thread, an answer that was read included. Behind all that it is known how late this process is.
                await Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
                if (!answer.IsCompleted && time.GetElapsedTime(since) - Value < Late)
                {
                    throw;
                }
            }
        }
    }
}
