using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Keeps what is logged, exceptions and scopes included.</summary>
internal sealed class LogRecorder : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<LogLine> _lines = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public IEnumerable<string> Lines => _lines.Select(line => line.Text);

    public IEnumerable<string> Errors => _lines.Where(line => line.Level >= LogLevel.Error).Select(line => line.Text);

    public IEnumerable<LogLine> All => _lines;

    /// <returns>Completes when such a line is written.</returns>
    public async Task WaitForAsync(string text)
    {
        for (var end = TestTimeout.Token; !Lines.Any(line => line.Contains(text, StringComparison.Ordinal));)
        {
            await Task.Delay(10, end);
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, this);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Logger(string category, LogRecorder recorder) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => recorder._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var scopes = new List<object?>();
            recorder._scopes.ForEachScope(static (scope, all) => all.Add(scope), scopes);
            recorder._lines.Enqueue(new(
                logLevel,
                $"{category}[{eventId.Name}] {formatter(state, exception)} {exception}",
                [.. scopes.Select(scope => $"{scope}")],
                [.. scopes.Prepend(state).OfType<IEnumerable<KeyValuePair<string, object?>>>().SelectMany(values => values)]));
        }
    }
}

/// <param name="Level">How bad it is.</param>
/// <param name="Text">Category, event, message and exception.</param>
/// <param name="Scopes">As text, from the outermost.</param>
/// <param name="Values">What structured loggers get besides: of the message, then of its scopes.</param>
internal sealed record LogLine(LogLevel Level, string Text, IReadOnlyList<string> Scopes, IReadOnlyList<KeyValuePair<string, object?>> Values);
