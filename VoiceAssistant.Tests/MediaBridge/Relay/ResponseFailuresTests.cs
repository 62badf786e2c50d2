using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

public sealed class ResponseFailuresTests
{
    private readonly ResponseFailures _failures = new();

    [Fact]
    public void Turn_IsRetried_ThenLost_AndASecondLostTurnIsTheEnd() =>
        Assert.Equal("Retry AskAgain Retry GiveUp GiveUp", string.Join(' ', Enumerable.Range(0, 5).Select(_ => _failures.Next())));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Success_StartsAnew(int failures)
    {
        for (var i = 0; i < failures; i++)
        {
            _failures.Next();
        }

        _failures.Reset();

        Turn_IsRetried_ThenLost_AndASecondLostTurnIsTheEnd();
    }
}
