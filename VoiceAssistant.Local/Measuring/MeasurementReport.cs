using System.Diagnostics;
using System.Runtime.InteropServices;

namespace VoiceAssistant.Local.Measuring;

/// <summary>What was measured, as a table.</summary>
/// <param name="calls">All of them at once, and over.</param>
/// <param name="idle">The server after its warm-up, without a call.</param>
/// <param name="before">The server when all calls were up and the measured interval began.</param>
/// <param name="after">The server when it ended.</param>
/// <param name="cores">Who ran where; null where they shared the machine as they liked.</param>
internal sealed class MeasurementReport(
    IReadOnlyList<MeasuredCall> calls, ServerUsage idle, ServerUsage before, ServerUsage after, Cores? cores)
{
    private readonly IReadOnlyList<FrameTrack> _toModel = [.. calls.Select(call => call.ToModel)];
    private readonly IReadOnlyList<FrameTrack> _toCaller = [.. calls.Select(call => call.ToCaller)];

    /// <summary>Whether every frame arrived once, in order and unchanged.</summary>
    public bool IsFaultless => _toModel.Concat(_toCaller).All(track => track is { Count: > 0, Lost: 0, Reordered: 0, Changed: 0 });

    public void Write(TextWriter output)
    {
        var seconds = Stopwatch.GetElapsedTime(before.Timestamp, after.Timestamp).TotalSeconds;
        output.WriteLine($"{calls.Count} calls at once, 50 frames a second each way, measured for {seconds:0} s");
        output.WriteLine();
        output.WriteLine($"{"",-40}{"p50",10}{"p99",10}{"max",10}{"n",10}");
        WriteTimes(output, "dialling to TwiML", calls.Select(call => call.Times.WebhookAnswer));
        WriteTimes(output, "dialling to stream open", calls.Select(call => call.Times.Connected));
        WriteTimes(output, "start to first greeting, model included", calls.Select(call => call.Times.FirstMedia));
        WriteTimes(output, "added per frame, caller to model", Delays(_toModel));
        WriteTimes(output, "added per frame, model to caller", Delays(_toCaller));
        output.WriteLine();
        output.WriteLine($"{"",-40}{"frames",10}{"lost",10}{"reordered",10}{"changed",10}");
        WriteFaults(output, "caller to model, from the first word", _toModel);
        WriteFaults(output, "model to caller", _toCaller);
        output.WriteLine();

        var cpu = (after.Cpu - before.Cpu).TotalMilliseconds / seconds / calls.Count;
        var memory = (after.Memory - idle.Memory) / 1024.0 / calls.Count;
        output.WriteLine($"server CPU      {cpu:0.00} ms per call and second");
        output.WriteLine($"server memory   {memory:0} KB per call (resident with all calls less idle at {idle.Memory / 1024 / 1024} MB)");
        output.WriteLine(
            $"machine         {Environment.ProcessorCount} cores, {cores?.ToString() ?? "shared by server, phones and model"}; {RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}");
    }

    private IEnumerable<TimeSpan?> Delays(IEnumerable<FrameTrack> tracks) =>
        tracks.SelectMany(track => track.Delays(before.Timestamp, after.Timestamp)).Select(delay => (TimeSpan?)delay);

    private static void WriteTimes(TextWriter output, string name, IEnumerable<TimeSpan?> times)
    {
        TimeSpan[] sorted = [.. times.OfType<TimeSpan>().Order()];
        if (sorted.Length > 0)
        {
            output.WriteLine($"{name,-40}{At(0.5),10}{At(0.99),10}{At(1),10}{sorted.Length,10}");
        }

        // The nearest rank: a value that was measured, not one between two.
        string At(double percentile) =>
            $"{sorted[(int)Math.Ceiling(percentile * sorted.Length) - 1].TotalMilliseconds:0.00} ms";
    }

    private static void WriteFaults(TextWriter output, string name, IReadOnlyList<FrameTrack> tracks) => output.WriteLine(
        $"{name,-40}{tracks.Sum(track => track.Count),10}{tracks.Sum(track => track.Lost),10}{tracks.Sum(track => track.Reordered),10}{tracks.Sum(track => track.Changed),10}");
}
