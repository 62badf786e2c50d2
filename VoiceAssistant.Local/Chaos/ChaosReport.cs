using System.Globalization;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Local.Chaos;

/// <summary>What a run has shown, as a table.</summary>
internal static class ChaosReport
{
    public static void Write(TextWriter output, IReadOnlyList<ChaosCall> calls, EndRecords records, Oracle oracle, Remains remains, TimeSpan late)
    {
        var silences = calls.SelectMany(oracle.Silences).Select(silence => silence.Length).DefaultIfEmpty().Max();
        var ends = calls.Where(call => records.WasAnswered(call.Sid)).CountBy(call => records.Of(call.Sid).Count).ToDictionary();
        var reasons = calls.SelectMany(call => records.Of(call.Sid)).CountBy(end => end.Reason).OrderByDescending(reason => reason.Value);

        output.WriteLine();
        Row("calls", calls.Count);
        Row("  answered with a stream", calls.Count(call => records.WasAnswered(call.Sid)));
        Row("  ended by the caller", calls.Count(call => call.End?.Kind is CallEndKind.HungUp));
        Row("  ended with words of the system", calls.Count(call => call.End?.Kind is not (CallEndKind.HungUp or CallEndKind.Refused) && WasTold(call)));
        Row("  webhook not there (the Function apologises)", calls.Count(call => call.End?.Kind is CallEndKind.Refused));
        Row("  ended without a word", calls.Count(call => call.End?.Kind is not (CallEndKind.HungUp or CallEndKind.Refused) && !WasTold(call)));
        Row("resumes", calls.SelectMany(call => records.Of(call.Sid)).Sum(end => end.Resumes));
        Row("questions", calls.Sum(call => call.Tape.Events.Count(one => one.What is Happening.Question)));
        Row("lost turns", calls.Sum(call => SilenceMeter.LostTurns(call.Tape)));
        Row("longest unexplained silence", string.Create(CultureInfo.InvariantCulture, $"{silences.TotalSeconds:0.0} s"));
        Row("end records per answered call: none / one / more", $"{ends.GetValueOrDefault(0)} / {ends.GetValueOrDefault(1)} / {ends.Where(end => end.Key > 1).Sum(end => end.Value)}");
        Row("  none, as Redis forgot them between two streams", calls.Count(call => records.WasAnswered(call.Sid) && records.Of(call.Sid).Count == 0 && oracle.WasForgotten(call)));
        Row("  their reasons", string.Join(", ", reasons.Select(reason => $"{reason.Key} {reason.Value}")));
        Row("errors in the services' logs", records.Errors);
        Row("Redis keys left", remains.Keys.Count);
        Row("this machine held the phones up for at most", string.Create(CultureInfo.InvariantCulture, $"{late.TotalSeconds:0.0} s"));

        output.WriteLine();
        output.WriteLine($"{"idle, before and after",-24}{"sockets",14}{"threads",14}{"MB",14}{"calls",8}");
        foreach (var process in remains.Processes)
        {
            var (before, after) = (process.Before, process.After);
            output.WriteLine(
                $"{process.Name,-24}{$"{before.Sockets} {after.Sockets}",14}{$"{before.Threads} {after.Threads}",14}{$"{before.Memory >> 20} {after.Memory >> 20}",14}{process.Calls,8}");
        }

        output.WriteLine();

        void Row(string name, object value) => output.WriteLine($"{name,-52}{value}");
    }

    // By Twilio's voice, or by a clip of the bridge's at the very end.
    private static bool WasTold(ChaosCall call) => call.Tape.Events.Any(one => one.What is Happening.Announcement)
        || call.Tape.Events.LastOrDefault(one => one.What is Happening.Earcon or Happening.Words or Happening.Fragment) is { What: Happening.Earcon };
}
