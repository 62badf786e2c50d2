using VoiceAssistant.Local;

namespace VoiceAssistant.Tests.Calls.Budgets;

public sealed class CallBudgetsOnGarnetTests : CallBudgetsTests
{
    private readonly EmbeddedRedis _server = new();

    protected override Task<string> StartServerAsync() => Task.FromResult(_server.ConnectionString);

    protected override ValueTask StopServerAsync()
    {
        _server.Dispose();
        return ValueTask.CompletedTask;
    }
}
