namespace VoiceAssistant.Tests.Fakes;

/// <summary>A server that speaks Redis's protocol, fresh for a test.</summary>
public interface ITestRedis : IAsyncDisposable
{
    /// <summary>Host and port.</summary>
    string EndPoint { get; }

    /// <summary>What stands behind the end point in the connection string of a service.</summary>
    string Service { get; }

    /// <summary>The same for the test, which may ask everything.</summary>
    string Administrator { get; }

    Task StartAsync();
}
