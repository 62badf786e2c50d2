using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

public sealed class ModelPricesTests
{
    private static readonly ResponseUsage Usage = new(
        InputTokens: 3_000_000,
        OutputTokens: 2_000_000,
        new(TextTokens: 1_000_000, AudioTokens: 2_000_000, CachedTokens: 1_500_000, new(TextTokens: 500_000, AudioTokens: 1_000_000)),
        new(TextTokens: 500_000, AudioTokens: 1_500_000));

    [Theory]
    // 0.5*4 + 0.5*0.4 + 0.5*24 + 1*32 + 1*0.4 + 1.5*64
    [InlineData("gpt-realtime-2.1", 142.6)]
    // 0.5*0.6 + 0.5*0.06 + 0.5*2.4 + 1*10 + 1*0.3 + 1.5*20
    [InlineData("gpt-realtime-2.1-mini", 41.83)]
    [InlineData("a-deployment-of-our-own", 142.6)]
    public void Response_CostsWhatItsTokensCost(string model, double dollars) =>
        Assert.Equal((decimal)dollars, ModelPrices.Of(model).Cost(Usage));

    [Fact]
    public void Response_CostsNothing_WhereTheModelReportsNothing() =>
        Assert.Equal(0, ModelPrices.Of("gpt-realtime-2.1").Cost(new(InputTokens: null, OutputTokens: null, InputTokenDetails: null, OutputTokenDetails: null)));

    [Fact]
    public void Prices_AreReadFromTheSetting() =>
        Assert.Equal(new(new(4, 0.40m, 16), new(32, 0.40m, 64)), ModelPrices.TryParse("4/0.40/16, 32/0.40/64"));

    [Theory]
    [InlineData("")]
    [InlineData("4/0.40/16")]
    [InlineData("4/0.40,32/0.40/64")]
    [InlineData("4/0.40/16,32/0.40/64/1")]
    [InlineData("4/-1/16,32/0.40/64")]
    [InlineData("4/x/16,32/0.40/64")]
    public void Prices_AreNotReadFromAnythingElse(string text) => Assert.Null(ModelPrices.TryParse(text));
}
