namespace VoiceAssistant.Local.Fuzzing;

/// <summary>Gives a target one mutated input after the other; the same seed gives the same ones.</summary>
/// <remarks>
/// An input whose outcome was not seen before is mutated further, as a fuzzer with coverage feedback does: the outcomes say where an input
/// got to, and need no instrumented assemblies.
/// </remarks>
internal sealed class Fuzzer(IFuzzTarget target, int seed)
{
    // What is kept must not look like growth: 256 times 4 KB.
    private const int MaxKept = 256;
    private const int MaxKeptLength = 4096;

    // Work is bounded in bytes allocated, which are the same on every machine: so much, and so many times the input. Twice a quadratic step is
    // beyond it at 64 KB.
    private const long AllocatedAlways = 512 * 1024;
    private const long AllocatedPerByte = 1024;

    private readonly Random _random = new(seed);
    private readonly Mutator _mutator = new(new Random(seed), target.Seeds, target.MaxLength);
    private readonly List<byte[]> _inputs = [.. target.Seeds];
    private readonly Dictionary<string, long> _outcomes = [];

    public int Seed => seed;

    public long Inputs { get; private set; }

    /// <summary>How often each was seen.</summary>
    public IReadOnlyDictionary<string, long> Outcomes => _outcomes;

    /// <summary>What is being tried now, for whoever notices that it takes long.</summary>
    public byte[] Input { get; private set; } = [];

    /// <returns>Null where the target took the input well.</returns>
    public Finding? Next()
    {
        Inputs++;
        // First the seeds as they are.
        Input = Inputs <= target.Seeds.Count ? target.Seeds[(int)Inputs - 1] : _mutator.Next(_inputs);
        if (Try(Input, out var outcome) is { } exception)
        {
            return new Finding(target.Name, seed, Inputs, Shorten(Input, exception), exception);
        }

        if (!_outcomes.TryAdd(outcome, 1))
        {
            _outcomes[outcome]++;
        }
        else if (Input.Length <= MaxKeptLength)
        {
            Keep(Input);
        }

        return null;
    }

    /// <returns>What is wrong with the target's answer; null if nothing is.</returns>
    public static Exception? Try(IFuzzTarget target, byte[] input, out string outcome)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        outcome = "";
        try
        {
            outcome = target.Run(input);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            FindingException.ThrowIf(allocated > AllocatedAlways + (AllocatedPerByte * input.Length), "It allocates more than an input of this length should cost.");
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private Exception? Try(byte[] input, out string outcome) => Try(target, input, out outcome);

    private void Keep(byte[] input)
    {
        if (_inputs.Count < target.Seeds.Count + MaxKept)
        {
            _inputs.Add(input);
        }
        else
        {
            _inputs[target.Seeds.Count + _random.Next(MaxKept)] = input;
        }
    }

    // Leaves out ever smaller pieces, as long as the same goes wrong.
    private byte[] Shorten(byte[] input, Exception original)
    {
        for (var piece = input.Length / 2; piece > 0; piece /= 2)
        {
            for (var start = 0; start + piece <= input.Length;)
            {
                byte[] shorter = [.. input[..start], .. input[(start + piece)..]];
                if (Try(shorter, out _) is { } exception && IsSame(exception, original))
                {
                    input = shorter;
                }
                else
                {
                    start += piece;
                }
            }
        }

        return input;
    }

    private static bool IsSame(Exception one, Exception other) =>
        one is FindingException ? one.Message == other.Message : one.GetType() == other.GetType() && one.TargetSite == other.TargetSite;
}
