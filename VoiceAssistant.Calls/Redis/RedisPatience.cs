using StackExchange.Redis;

namespace VoiceAssistant.Calls.Redis;

internal static class RedisPatience
{
    // A caller is waiting; Redis answers in well under a millisecond or not at all.
    internal static readonly TimeSpan Value = TimeSpan.FromMilliseconds(300);

    /// <summary>Of the client's own: no command is kept for later, and a lost or promoted server is noticed within seconds.</summary>
    /// <param name="client">Whatever the connection string says about it.</param>
    public static void Limit(ConfigurationOptions client)
    {
        client.AbortOnConnectFail = false;
        client.ConnectTimeout = 1000;
        client.AsyncTimeout = 1000;
        client.SyncTimeout = 1000;
        client.ConfigCheckSeconds = 5;
        client.KeepAlive = 10;
        client.BacklogPolicy = BacklogPolicy.FailFast;
        // Of the client's queues and threads: what has failed stands before it.
        client.IncludeDetailInExceptions = false;
    }

    /// <exception cref="TimeoutException">There was no answer in the time that a caller can wait. What was asked may still be done.</exception>
    public static Task<T> WithinPatience<T>(this Task<T> answer, TimeProvider time, CancellationToken cancellationToken) =>
        answer.WaitAsync(Value, time, cancellationToken);
}
