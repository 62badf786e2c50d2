using System.Globalization;

namespace VoiceAssistant.Local.Chaos;

internal enum FaultKind
{
    /// <summary>kill -9, and another is started.</summary>
    Kill,

    /// <summary>SIGTERM, when another has been started.</summary>
    Stop,

    /// <summary>SIGSTOP, and SIGCONT after a while: connections stay, and nothing is answered.</summary>
    Freeze,

    /// <summary>Every connection breaks.</summary>
    Reset,

    /// <summary>The server's side of every connection ends orderly.</summary>
    HalfClose,

    /// <summary>Connections stay, and nothing gets through.</summary>
    BlackHole,

    /// <summary>Everything comes later.</summary>
    Latency,

    /// <summary>A few bytes a second.</summary>
    Drip,
}

/// <summary>A process, or the way to it.</summary>
internal enum Target
{
    Bridge,
    Webhook,
    Redis,
    Model,

    /// <summary>The way from callers to whichever bridge.</summary>
    Callers,
}

/// <summary>Something that goes wrong.</summary>
/// <param name="At">When, since the calls began.</param>
/// <param name="Kind">What.</param>
/// <param name="Target">Where.</param>
/// <param name="Duration">For how long; zero for what happens once.</param>
internal sealed record Fault(TimeSpan At, FaultKind Kind, Target Target, TimeSpan Duration)
{
    /// <summary>Whose way it is, of <see cref="Target.Callers"/>.</summary>
    public IReadOnlyList<int> Phones { get; init; } = [];

    /// <summary>Whether nobody can hear anything on that way meanwhile.</summary>
    public bool IsDeafening => Target is Target.Callers && Kind is (FaultKind.BlackHole or FaultKind.Drip);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Kind} {Target}{(Duration > TimeSpan.Zero ? $" for {Duration.TotalSeconds:0.0} s" : "")}{(Phones.Count > 0 ? $" of phone {string.Join(", ", Phones)}" : "")}");
}
