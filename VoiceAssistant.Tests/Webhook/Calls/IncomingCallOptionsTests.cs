using Microsoft.Extensions.Configuration;
using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Tests.Webhook.Calls;

public sealed class IncomingCallOptionsTests
{
    private const string Expected = "expected a number like +442071838750, client:NAME, sip:USER@HOST, whatsapp:+442071838750 or sim:DE…, separated by commas, "
        + "or nothing to leave it to the Function";

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("+14155550100")]
    [InlineData("+14155550100,+442071838750")]
    [InlineData(" +14155550100 ,, +442071838750, ")]
    [InlineData("client:alice, sip:bob@example.com;user=phone, sips:+14155550100@[2001:db8::1]:5070")]
    [InlineData("whatsapp:+14155550100,sim:DE0123456789abcdef0123456789abcdef")]
    public void AllowedNumbers_AreTaken(string numbers) => Assert.Empty(Faults(new() { AllowedNumbersText = numbers }));

    [Theory]
    [InlineData("4155550100", "no caller in place 1 of 1")]
    [InlineData("+14155550100,+1 415 555 0101", "no caller in place 2 of 2")]
    [InlineData("+14155550100;+14155550101", "no caller in place 1 of 1")]
    [InlineData("anonymous", "a hidden caller in place 1 of 1")]
    [InlineData("+14155550100,+0,*", "no caller in place 2 of 3", "no caller in place 3 of 3")]
    [InlineData("client:alice,alice,client:*,sip:*@example.com", "no caller in place 2 of 4", "a pattern in place 3 of 4", "a pattern in place 4 of 4")]
    [InlineData("sip:example.com,sip:anonymous@anonymous.invalid", "a SIP host without a user in place 1 of 2", "a hidden caller in place 2 of 2")]
    public void Fault_NamesThePlaceOfWhatIsNoCaller_AndShowsNone(string numbers, params string[] faults) =>
        Assert.Equal(faults.Select(fault => $"ALLOWED_NUMBERS has {fault}; {Expected}."), Faults(new() { AllowedNumbersText = numbers }));

    // It was meant to let somebody in, not everybody.
    [Theory]
    [InlineData(",")]
    [InlineData(" , ,")]
    public void AllowedNumbers_AreRefused_WhereThereIsNone(string numbers) => Assert.Equal(
        [$"ALLOWED_NUMBERS holds commas only; {Expected}."],
        Faults(new() { AllowedNumbersText = numbers }));

    // Left aside, it would let everybody in.
    [Theory]
    [InlineData("ALLOWED_NUMBERS:0", "+14155550100")]
    [InlineData("ALLOWED_NUMBERS:1", "+14155550100")]
    [InlineData("ALLOWED_NUMBERS:ann", "+14155550100")]
    [InlineData("ALLOWED_NUMBERS:0", "")]
    public void AllowedNumbers_AreRefused_AsAList(string key, string value) => Assert.Equal(
        ["ALLOWED_NUMBERS is a list (ALLOWED_NUMBERS__0 or the like); expected one line, ALLOWED_NUMBERS=+14155550100,+14155550101."],
        Faults(Bind((key, value))));

    [Fact]
    public void AllowedNumbers_AreRefused_WhereAListStandsBesideThem() =>
        Assert.Single(Faults(Bind(("ALLOWED_NUMBERS", "+14155550100"), ("ALLOWED_NUMBERS:0", "+14155550101"))));

    [Theory]
    [InlineData("")]
    [InlineData("+14155550100,+14155550101")]
    public void AllowedNumbers_AreBound_AsALine(string numbers)
    {
        var options = Bind(("ALLOWED_NUMBERS", numbers));

        Assert.Equal(numbers, options.AllowedNumbersText);
        Assert.Empty(Faults(options));
    }

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
        ["ALLOWED_NUMBERS has no caller in place 1 of 1", "REQUIRE_FORWARDED_AT is 'no'; expected true or false."],
        Faults(new() { AllowedNumbersText = "x", RequireForwardedAtText = "no" }).Select(fault => fault.Split("; expected a number")[0]));

    [Fact]
    public void Text_ShowsNoNumber() => Assert.Equal("IncomingCallOptions", $"{new IncomingCallOptions { AllowedNumbersText = "+14155550100" }}");

    private static IncomingCallOptions Bind(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
        .Build().Get<IncomingCallOptions>()!;

    private static IEnumerable<string> Faults(IncomingCallOptions options) =>
        new IncomingCallOptionsValidator().Validate(null, options).Failures ?? [];
}
