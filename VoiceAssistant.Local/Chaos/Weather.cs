namespace VoiceAssistant.Local.Chaos;

/// <summary>What a network does to the bytes that cross it, in each direction.</summary>
internal sealed record Weather
{
    public static Weather Fair { get; } = new();

    /// <summary>How long every byte is on its way.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Up to how much longer, at random. Bytes stay in order, so a late one holds up those behind it.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Bytes per second; null for as many as there are.</summary>
    public int? Bandwidth { get; init; }

    /// <summary>Connections stay open and nothing gets through, until the weather changes.</summary>
    public bool BlackHole { get; init; }
}
