using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

public sealed class ResponseFailuresTests
{
    private readonly ResponseFailures _failures = new();

    [Fact]
    public void Turn_IsRetried_ThenLost_AndASecondLostTurnIsTheEnd() =>
        Assert.Equal("Retry AskAgain Retry GiveUp GiveUp", string.Join(' ', Enumerable.Range(0, 5).Select(_ => _failures.Next(isGreeting: false))));

    [Fact]
    public void Greeting_IsRetried_AsTheCallerHasSaidNothingToRepeat() =>
        Assert.Equal("Retry Retry Retry GiveUp", string.Join(' ', Enumerable.Range(0, 4).Select(_ => _failures.Next(isGreeting: true))));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Success_StartsAnew(int failures)
    {
        for (var i = 0; i < failures; i++)
        {
            _failures.Next(isGreeting: false);
        }

        _failures.Reset();

        Turn_IsRetried_ThenLost_AndASecondLostTurnIsTheEnd();
    }

    [Theory]
    [InlineData(false, false, "Retry AskAgain GiveUp")]
    [InlineData(false, true, "AskForSpeech AskAgain GiveUp")]
    [InlineData(true, false, "RefuseTools RefuseTools GiveUp")]
    [InlineData(true, true, "RefuseTools RefuseTools GiveUp")]
    public void Silence_IsTheEnd_ForTheThirdTime(bool callsTools, bool hasText, string expected) =>
        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, 3).Select(_ => _failures.NextSilent(callsTools, hasText, isGreeting: false))));

    [Theory]
    [InlineData("FSFF", "Retry AskAgain Retry GiveUp")]
    [InlineData("FFSS", "Retry AskAgain Retry GiveUp")]
    [InlineData("SSFS", "Retry AskAgain Retry GiveUp")]
    [InlineData("FSSS", "Retry AskAgain Retry GiveUp")]
    public void FailuresAndSilence_AreCountedTogether(string kinds, string expected) => Assert.Equal(
        expected,
        string.Join(' ', kinds.Select(kind => kind is 'F' ? _failures.Next(isGreeting: false) : _failures.NextSilent(false, false, isGreeting: false))));

    [Fact]
    public void Unfinished_IsGoneOnWithOnce_UntilTheCallerSpeaks()
    {
        Assert.Equal("GoOn AskAgain AskAgain", string.Join(' ', Enumerable.Range(0, 3).Select(_ => _failures.NextUnfinished(callsTools: false))));
        _failures.CallerSpoke();
        Assert.Equal("RefuseTools AskAgain", string.Join(' ', Enumerable.Range(0, 2).Select(_ => _failures.NextUnfinished(callsTools: true))));
    }
}
