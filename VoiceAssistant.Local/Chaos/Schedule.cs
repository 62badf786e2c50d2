namespace VoiceAssistant.Local.Chaos;

/// <summary>What goes wrong and when: the same for the same seed, length and number of calls.</summary>
internal static class Schedule
{
    // The first calls are to have begun, and the last fault's consequences to be heard.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    // One fault at a time: the next comes when the one before should have been coped with.
    private static readonly (double Shortest, double Longest) Pause = (4, 10);

    // As long as a network's hiccup, a restart, or the failover of a database.
    private static readonly (double Shortest, double Longest) Length = (0.5, 8);

    private static readonly (FaultKind Kind, Target Target)[] Kinds =
    [
        (FaultKind.Kill, Target.Bridge),
        (FaultKind.Stop, Target.Bridge),
        (FaultKind.Kill, Target.Webhook),
        (FaultKind.Kill, Target.Redis),
        (FaultKind.Freeze, Target.Redis),
        (FaultKind.Kill, Target.Model),
        .. from target in new[] { Target.Callers, Target.Model, Target.Redis }
           from kind in new[] { FaultKind.Reset, FaultKind.HalfClose, FaultKind.BlackHole, FaultKind.Latency, FaultKind.Drip }
           select (kind, target),
    ];

    public static IReadOnlyList<Fault> Draw(int seed, TimeSpan length, int phones)
    {
        var random = new Random(seed);
        var faults = new List<Fault>();
        var deck = new Queue<(FaultKind, Target)>();
        for (var at = Quiet; at < length - Quiet;)
        {
            if (deck.Count == 0)
            {
                // Each once before any comes again.
                var kinds = Kinds.ToArray();
                random.Shuffle(kinds);
                deck = new(kinds);
            }

            var (kind, target) = deck.Dequeue();
            var fault = new Fault(at, kind, target, HappensOnce(kind, target) ? TimeSpan.Zero : Draw(random, Length))
            {
                Phones = target is Target.Callers ? DrawPhones(random, phones) : [],
            };
            faults.Add(fault);
            at += fault.Duration + Draw(random, Pause);
        }

        return faults;
    }

    private static bool HappensOnce(FaultKind kind, Target target) =>
        kind is FaultKind.Reset or FaultKind.HalfClose or FaultKind.Stop || (kind, target) is (FaultKind.Kill, Target.Bridge);

    private static TimeSpan Draw(Random random, (double Shortest, double Longest) range) =>
        TimeSpan.FromSeconds(range.Shortest + (range.Longest - range.Shortest) * random.NextDouble());

    private static int[] DrawPhones(Random random, int phones)
    {
        var all = Enumerable.Range(0, phones).ToArray();
        random.Shuffle(all);
        return [.. all.Take(random.Next(1, phones / 2 + 2)).Order()];
    }
}
