using VoiceAssistant.Local;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>The server within VoiceAssistant.Local.</summary>
public sealed class GarnetRedis : ITestRedis
{
    private readonly EmbeddedRedis _server = new();

    public string EndPoint => _server.ConnectionString;

    public string Service => "";

    public string Administrator => "";

    public Task StartAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        return ValueTask.CompletedTask;
    }
}
