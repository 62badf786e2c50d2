using Microsoft.Extensions.Hosting.Internal;
using VoiceAssistant.Calls;

namespace VoiceAssistant.Tests.Calls;

[Trait("Proves", "T-S7")]
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
    [InlineData("http://localhost:5050", false)]
    // For another validator to refuse.
    [InlineData("some-words.trycloudflare.com", false)]
    [InlineData("", false)]
    public void QuickTunnel_IsRefused_InProductionOnly(string publicUrl, bool isRefused)
    {
        Assert.Equal(isRefused, IsRefused("Production", publicUrl));
        Assert.Equal(isRefused, IsRefused("", publicUrl));
        Assert.False(IsRefused("Development", publicUrl));
        Assert.False(IsRefused("Local", publicUrl));
    }

    private static bool IsRefused(string environment, string publicUrl) =>
        new TwilioProductionValidator(new HostingEnvironment { EnvironmentName = environment })
            .Validate(null, new TwilioOptions { PublicUrl = publicUrl }).Failed;
}
