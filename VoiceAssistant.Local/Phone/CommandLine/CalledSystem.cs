namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>The system that answers the calls; disposing the host ends it.</summary>
internal sealed record CalledSystem(PhoneLine Line, IAsyncDisposable? Host = null)
{
    /// <summary>Who answers, where that is known.</summary>
    public string Assistant { get; init; } = "the assistant";
}
