using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Budgets;

public sealed class CallBudgetsOnRedisTests : CallBudgetsTests
{
    private RedisServer? _server;

    protected override async Task<string> StartServerAsync()
    {
        RedisServer.Require();
        _server = await RedisServer.StartAsync();
        return _server.ConnectionString;
    }

    protected override ValueTask StopServerAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
