using StackExchange.Redis;
using VoiceAssistant.Calls.Redis;

namespace VoiceAssistant.Tests.Fakes;

internal static class TestRedis
{
    /// <summary>The services' options, but waits for a server that is there as long as a busy machine needs: how long a caller can wait is for the test's clock to say.</summary>
    public static ConfigurationOptions Patient(string connectionString)
    {
        var options = Impatient(connectionString);
        BePatient(options);
        return options;
    }

    /// <summary>The services' options.</summary>
    public static ConfigurationOptions Impatient(string connectionString)
    {
        var options = ConfigurationOptions.Parse(connectionString);
        RedisPatience.Limit(options);
        return options;
    }

    /// <summary>As <see cref="Patient"/>, for a service that connects by itself.</summary>
    public static void BePatient(ConfigurationOptions options)
    {
        options.AsyncTimeout = options.SyncTimeout = (int)TestTimeout.Value.TotalMilliseconds;
        // Waited for in full where the server refuses.
        options.ConnectTimeout = options.AsyncTimeout / 10;
    }
}
