using System.Diagnostics.Metrics;

namespace VoiceAssistant.Calls.Tokens;

/// <summary>What became of stream tokens.</summary>
public sealed class TokenMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _tokens = meters.Create("VoiceAssistant.Calls").CreateCounter<long>(
        "va.token", "{token}", "Stream tokens by what became of them.");

    internal void Minted() => Count("minted");

    internal void Consumed() => Count("consumed");

    /// <summary>Not there: it was too old, or never issued.</summary>
    internal void Expired() => Count("expired");

    /// <summary>Consumed here before. (What another replica consumed counts as expired.)</summary>
    internal void Replayed() => Count("replayed");

    /// <summary>Consumed by a stream of another call or account than it was issued for.</summary>
    public void Mismatched() => Count("mismatch");

    private void Count(string result) => _tokens.Add(1, new KeyValuePair<string, object?>("result", result));
}
