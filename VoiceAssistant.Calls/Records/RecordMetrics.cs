using System.Diagnostics.Metrics;

namespace VoiceAssistant.Calls.Records;

/// <summary>What became of calls, over all their streams and replicas.</summary>
public sealed class RecordMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _ended = meters.Create("VoiceAssistant.Calls").CreateCounter<long>(
        "va.calls.ended", "{call}", "Calls that are over, each once, by reason.");

    private readonly Counter<long> _resumes = meters.Create("VoiceAssistant.Calls").CreateCounter<long>(
        "va.resume", "{resume}", "Calls that were to go on in another stream, by what became of that.");

    internal void Ended(string reason) => _ended.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <param name="result">A word of ours.</param>
    public void Resumed(string result) => _resumes.Add(1, new KeyValuePair<string, object?>("result", result));
}
