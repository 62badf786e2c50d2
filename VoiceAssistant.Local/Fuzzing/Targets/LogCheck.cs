using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>A log whose lines stay lines, whatever a peer writes.</summary>
internal sealed class LogCheck : ILogger<SessionSettings>
{
    private const int MaxLength = 1200;

    /// <summary>Names of what was logged.</summary>
    public HashSet<string> Events { get; } = [];

    public static void Check(string text) =>
        FindingException.ThrowIf(text.Length > MaxLength || text.Any(char.IsControl), "A peer writes its own lines into the log.");

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Events.Add(eventId.Name ?? "");
        Check(formatter(state, exception));
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;
}
