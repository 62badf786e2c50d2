namespace VoiceAssistant.Local.Fuzzing;

/// <summary>Something that reads what strangers send, and the rules that its answers must obey.</summary>
/// <remarks>
/// The shape that SharpFuzz drives, too: <c>Fuzzer.LibFuzzer.Run(input => target.Run(input))</c>. A target keeps nothing between inputs and
/// takes its chances from the input alone, so the same input gives the same answer.
/// </remarks>
internal interface IFuzzTarget
{
    string Name { get; }

    /// <summary>What the real peer sends: mutated, and cut up into the words that are mixed into other inputs.</summary>
    IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>In bytes; longer than what the reader takes, so that its own bound is tried.</summary>
    int MaxLength { get; }

    /// <returns>What became of the input, in a few words that are the same for inputs of a kind.</returns>
    /// <exception cref="FindingException">The answer breaks a rule. Every other exception is a finding, too.</exception>
    string Run(ReadOnlySpan<byte> input);
}
