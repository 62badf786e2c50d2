using System.Globalization;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Local.Chaos;

/// <summary>What a run must not show: each finding is one sentence.</summary>
internal sealed class Oracle(IReadOnlyList<InjectedFault> faults)
{
    // So long after a stream's end nobody has gone on with the call, and a bridge writes its end record.
    private static readonly TimeSpan Unresumed = TimeSpan.FromSeconds(75);

    /// <param name="calls">All of the run, over.</param>
    /// <param name="records">What the services said of them.</param>
    /// <param name="lost">Calls that have ended by Redis's account, while the line about it may have died with a process that was killed.</param>
    public IEnumerable<string> Judge(IEnumerable<ChaosCall> calls, EndRecords records, IReadOnlySet<string> lost)
    {
        foreach (var call in calls)
        {
            var ends = records.Of(call.Sid).Count;
            if (ends > 1 || (ends == 0 && records.WasAnswered(call.Sid) && !lost.Contains(call.Sid) && !WasForgotten(call)))
            {
                yield return $"call {call.Sid} ({Times(call)}) has {ends} end records ({string.Join(", ", records.Of(call.Sid).Select(end => end.Reason))})";
            }

            foreach (var silence in Silences(call).Where(silence => silence.Length > SilenceMeter.Longest))
            {
                yield return $"call {call.Sid} ({Times(call)}) heard nothing for {Seconds(silence.Length)} from {Time(silence.At)} on; before: {Before(silence.At, call.Tape.Phone)}";
            }
        }
    }

    /// <summary>
    /// Whether the caller hung up between two streams, and Redis lost its records before a bridge wrote that the call had ended: the only call without an end
    /// record (F7 in docs/reliability.md).
    /// </summary>
    public bool WasForgotten(ChaosCall call)
    {
        var stream = call.Tape.Events.LastOrDefault(one => one.What is Happening.Connected or Happening.StreamEnded);
        return call.End?.Kind is CallEndKind.HungUp && stream.What is Happening.StreamEnded
            && faults.Any(one => one.Fault is { Kind: FaultKind.Kill, Target: Target.Redis } && one.To >= stream.From && one.From < call.Tape.Events[^1].To + Unresumed);
    }

    public IEnumerable<Silence> Silences(ChaosCall call) => SilenceMeter.Silences(call.Tape,
    [
        .. faults.Where(one => one.Fault.IsDeafening && one.Fault.Phones.Contains(call.Tape.Phone)).Select(one => (one.From, one.To)),
    ]);

    private string Before(TimeSpan at, int phone) => faults.LastOrDefault(one =>
        one.From <= at + SilenceMeter.Longest && (one.Fault.Phones.Count == 0 || one.Fault.Phones.Contains(phone))) is { } last
            ? $"{last.Fault} at {Time(last.From)}"
            : "nothing";

    private static string Times(ChaosCall call) =>
        call.Tape.Events is [var first, .., var last] ? $"phone {call.Tape.Phone}, {Time(first.From)} to {Time(last.To)}" : $"phone {call.Tape.Phone}";

    private static string Time(TimeSpan time) => time.ToString(@"mm\:ss\.f", CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
}
