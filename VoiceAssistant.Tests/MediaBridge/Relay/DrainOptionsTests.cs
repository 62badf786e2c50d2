using Microsoft.Extensions.Hosting.Internal;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

public sealed class DrainOptionsTests
{
    [Theory]
    [InlineData("", "Production", 600)]
    [InlineData("", "Development", 0)]
    [InlineData("", "Local", 0)]
    [InlineData("30", "Production", 30)]
    [InlineData("30", "Development", 30)]
    [InlineData("0", "Production", 0)]
    public void Grace_IsTheSetting_ElseWhatTheEnvironmentNeeds(string text, string environment, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new DrainOptions { SecondsText = text }.Grace(new HostingEnvironment { EnvironmentName = environment }));

    [Theory]
    [InlineData("", true)]
    [InlineData("0", true)]
    [InlineData("10", true)]
    [InlineData("3600", true)]
    [InlineData("9", false)]
    [InlineData("3601", false)]
    [InlineData("-1", false)]
    [InlineData("10 s", false)]
    [InlineData("99999999999", false)]
    public void Setting_IsZero_OrBetweenTenSecondsAndAnHour(string text, bool isValid)
    {
        var result = new DrainOptionsValidator().Validate(null, new DrainOptions { SecondsText = text });

        Assert.Equal(isValid, result.Succeeded);
        if (!isValid)
        {
            Assert.StartsWith($"DRAIN_SECONDS is '{text}'; expected", Assert.Single(result.Failures!), StringComparison.Ordinal);
        }
    }
}
