using System.Globalization;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>What a million tokens cost, in US dollars.</summary>
internal sealed record ModelPrices(ModelPrices.Kind Text, ModelPrices.Kind Audio)
{
    private const decimal Million = 1_000_000;

    // https://platform.openai.com/docs/pricing, 2026-11
    private static readonly ModelPrices Full = new(new(4, 0.40m, 24), new(32, 0.40m, 64));
    private static readonly ModelPrices Mini = new(new(0.60m, 0.06m, 2.40m), new(10, 0.30m, 20));

    /// <summary>A model that we do not know is taken for the dearest.</summary>
    public static ModelPrices Of(string model) => model.Contains("-mini", StringComparison.OrdinalIgnoreCase) ? Mini : Full;

    /// <param name="text">Text, then audio; of each what goes in, what of that was cached, and what comes out: <c>4/0.40/24,32/0.40/64</c>.</param>
    /// <returns>Null if it is something else.</returns>
    public static ModelPrices? TryParse(string text) =>
        text.Split(',') is [var texts, var audio] && Kind.TryParse(texts) is { } first && Kind.TryParse(audio) is { } second ? new(first, second) : null;

    /// <returns>What a response cost; what the model did not report costs nothing.</returns>
    public decimal Cost(ResponseUsage usage)
    {
        var input = usage.InputTokenDetails;
        var cached = input?.CachedTokensDetails;
        return Text.Cost(input?.TextTokens, cached?.TextTokens, usage.OutputTokenDetails?.TextTokens)
            + Audio.Cost(input?.AudioTokens, cached?.AudioTokens, usage.OutputTokenDetails?.AudioTokens);
    }

    internal sealed record Kind(decimal Input, decimal Cached, decimal Output)
    {
        public static Kind? TryParse(string text)
        {
            var prices = text.Split('/').Select(Price).ToArray();
            return prices is [{ } input, { } cached, { } output] ? new(input, cached, output) : null;
        }

        // The cached ones are among the input.
        public decimal Cost(long? input, long? cached, long? output) =>
            ((((input ?? 0) - (cached ?? 0)) * Input) + ((cached ?? 0) * Cached) + ((output ?? 0) * Output)) / Million;

        private static decimal? Price(string text) =>
            decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price) ? price : null;
    }
}
