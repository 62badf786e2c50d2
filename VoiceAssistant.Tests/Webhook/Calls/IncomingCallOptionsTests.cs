using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Tests.Webhook.Calls;

public sealed class IncomingCallOptionsTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("+14155550100")]
    [InlineData("+14155550100,+442071838750")]
    [InlineData(" +14155550100 ,, +442071838750, ")]
    public void AllowedNumbers_AreTaken(string numbers) => Assert.Empty(Faults(new() { AllowedNumbersText = numbers }));

    [Theory]
    [InlineData("4155550100", "4155550100")]
    [InlineData("+14155550100,+1 415 555 0101", "+1 415 555 0101")]
    [InlineData("+14155550100;+14155550101", "+14155550100;+14155550101")]
    [InlineData("anonymous", "anonymous")]
    [InlineData("+14155550100,+0,*", "+0", "*")]
    public void AllowedNumber_IsNamed_ThatIsNone(string numbers, params string[] wrong) => Assert.Equal(
        wrong.Select(number =>
            $"ALLOWED_NUMBERS holds '{number}'; expected numbers like +14155550100, separated by commas, or nothing to leave it to the Function."),
        Faults(new() { AllowedNumbersText = numbers }));

    // It was meant to let somebody in, not everybody.
    [Theory]
    [InlineData(",")]
    [InlineData(" , ,")]
    public void AllowedNumbers_AreRefused_WhereThereIsNone(string numbers) => Assert.Equal(
        [$"ALLOWED_NUMBERS holds '{numbers}'; expected numbers like +14155550100, separated by commas, or nothing to leave it to the Function."],
        Faults(new() { AllowedNumbersText = numbers }));

    [Theory]
    [InlineData("", null)]
    [InlineData("true", true)]
    [InlineData("False", false)]
    public void RequireForwardedAt_IsTaken(string text, bool? expected)
    {
        var options = new IncomingCallOptions { RequireForwardedAtText = text };

        Assert.Empty(Faults(options));
        Assert.Equal(expected, options.RequireForwardedAt);
    }

    [Fact]
    public void Faults_AreReportedTogether() => Assert.Equal(
        ["ALLOWED_NUMBERS holds 'x'", "REQUIRE_FORWARDED_AT is 'no'; expected true or false."],
        Faults(new() { AllowedNumbersText = "x", RequireForwardedAtText = "no" }).Select(fault => fault.Split("; expected numbers")[0]));

    [Fact]
    public void Text_ShowsNoNumber() => Assert.Equal("IncomingCallOptions", $"{new IncomingCallOptions { AllowedNumbersText = "+14155550100" }}");

    private static IEnumerable<string> Faults(IncomingCallOptions options) =>
        new IncomingCallOptionsValidator().Validate(null, options).Failures ?? [];
}
