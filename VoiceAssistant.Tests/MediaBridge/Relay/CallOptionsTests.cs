using Microsoft.Extensions.Configuration;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

public sealed class CallOptionsTests
{
    [Theory]
    [InlineData("", 15)]
    [InlineData(" ", 15)]
    [InlineData("2", 2)]
    [InlineData("240", 240)]
    public void Call_LastsAsLongAsIsSet(string text, int minutes)
    {
        Assert.True(new CallOptionsValidator().Validate(null, Options(text)).Succeeded);
        Assert.Equal(TimeSpan.FromMinutes(minutes), Options(text).Longest);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("241")]
    [InlineData("-5")]
    [InlineData("1.5")]
    [InlineData("an hour")]
    public void Setting_IsRefused_WhereACallCouldNotKeepIt(string text) =>
        Assert.Equal($"MAX_CALL_MINUTES is '{text}'; expected 2 to 240 minutes.", new CallOptionsValidator().Validate(null, Options(text)).FailureMessage);

    private static CallOptions Options(string text) =>
        new ConfigurationBuilder().AddInMemoryCollection([new("MAX_CALL_MINUTES", text)]).Build().Get<CallOptions>()!;
}
