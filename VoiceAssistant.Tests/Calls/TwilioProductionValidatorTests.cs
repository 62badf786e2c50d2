using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;

namespace VoiceAssistant.Tests.Calls;

[Trait("Proves", "T-S7")]
[Trait("Proves", "R18")]
public sealed class TwilioProductionValidatorTests
{
    [Theory]
    [InlineData("https://some-words.trycloudflare.com", true)]
    [InlineData("https://some-words.TryCloudflare.com", true)]
    [InlineData("https://some-words.trycloudflare.com.", true)]
    [InlineData("https://some-words.trycloudflare.com:8443", true)]
    [InlineData("https://trycloudflare.com.example", false)]
    [InlineData("https://nottrycloudflare.com", false)]
    [InlineData("https://voice.example", false)]
    [InlineData("http://localhost:5050", true)]
    [InlineData("http://127.0.0.1", true)]
    [InlineData("https://localhost:5050", false)]
    // For another validator to refuse.
    [InlineData("some-words.trycloudflare.com", false)]
    [InlineData("", false)]
    public void DevelopersAddress_IsRefused_InProductionOnly(string publicUrl, bool isRefused)
    {
        Assert.Equal(isRefused, IsRefused("Production", publicUrl));
        Assert.Equal(isRefused, IsRefused("", publicUrl));
        Assert.False(IsRefused("Development", publicUrl));
        Assert.False(IsRefused("Local", publicUrl));
    }

    [Fact]
    public void Fault_NamesTheSettingThatHasIt()
    {
        var result = Validate("Production", new TwilioOptions { PublicUrl = "https://voice.example", BridgeStreamUrl = "wss://some-words.trycloudflare.com/media-stream" });

        Assert.StartsWith("STREAM_URL leads to", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    private static bool IsRefused(string environment, string publicUrl) => Validate(environment, new TwilioOptions { PublicUrl = publicUrl }).Failed;

    private static ValidateOptionsResult Validate(string environment, TwilioOptions options) =>
        new TwilioProductionValidator(new HostingEnvironment { EnvironmentName = environment }).Validate(null, options);
}
