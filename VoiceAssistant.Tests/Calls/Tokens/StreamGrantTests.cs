using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Tokens;

public sealed class StreamGrantTests
{
    [Theory, Trait("Proves", "T-C1")]
    [InlineData("TN-Validation-Passed-A", true)]
    [InlineData("TN-Validation-Passed-B", false)]
    [InlineData("TN-Validation-Passed-C", false)]
    [InlineData("TN-Validation-Passed", false)]
    [InlineData("TN-Validation-Passed-A-Diverted", false)]
    [InlineData("tn-validation-passed-a", false)]
    [InlineData("TN-Validation-Failed-A", false)]
    [InlineData("No-TN-Validation", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Caller_IsVerified_WithTheHighestAttestationOnly(string? verstat, bool expected) =>
        Assert.Equal(expected, (TestGrant.New() with { Verstat = verstat }).IsVerified);

    [Fact]
    public void Text_ShowsNoNumber() => Assert.Equal("StreamGrant", $"{TestGrant.New()}");
}
