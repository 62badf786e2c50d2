using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace VoiceAssistant.Local.Chaos;

/// <param name="Reason">As the service says it.</param>
/// <param name="Resumes">How many streams after the first.</param>
internal sealed record EndRecord(string Reason, int Resumes);

/// <summary>What the services' logs say of calls: that they were answered, and that they are over.</summary>
internal sealed partial class EndRecords
{
    private readonly ConcurrentDictionary<string, bool> _answered = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<EndRecord>> _ended = new();
    private int _errors;

    /// <summary>Lines of level error and above.</summary>
    public int Errors => _errors;

    public void Read(string line)
    {
        if (Ended().Match(line) is { Success: true } ended)
        {
            _ended.GetOrAdd(ended.Groups["call"].Value, _ => []).Enqueue(
                new(ended.Groups["reason"].Value, int.Parse(ended.Groups["resumes"].Value, CultureInfo.InvariantCulture)));
        }
        else if (Answered().Match(line) is { Success: true } answered)
        {
            _answered[answered.Groups["call"].Value] = true;
        }
        else if (line.StartsWith("fail: ", StringComparison.Ordinal) || line.StartsWith("crit: ", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _errors);
        }
    }

    /// <summary>Whether the call got a stream to open, and so has an end.</summary>
    public bool WasAnswered(string callSid) => _answered.ContainsKey(callSid);

    public IReadOnlyCollection<EndRecord> Of(string callSid) => _ended.TryGetValue(callSid, out var records) ? records : [];

    [GeneratedRegex(@"Call (?<call>CA[0-9a-f]{32}) is over \((?<reason>\w+)\): .* (?<resumes>\d+) resumes")]
    private static partial Regex Ended();

    [GeneratedRegex("Call (?<call>CA[0-9a-f]{32}) is answered with a media stream")]
    private static partial Regex Answered();
}
