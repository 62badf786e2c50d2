namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>Has the assistant say which keys were pressed.</summary>
/// <remarks>
/// The one liberty it takes: OpenAI's server speaks when it is spoken to or asked for a response, and a key is neither. But a developer who
/// presses a key should hear that it has come all the way to the model.
/// </remarks>
internal sealed class PressedKeys : IDisposable
{
    // Several keys are one number.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly SessionSettings _settings;
    private readonly Conversation _conversation;
    private readonly Responses _responses;
    private readonly CallerTurns _turns;
    private readonly ITimer _pause;
    private bool _isDisposed;

    public PressedKeys(
        SessionSettings settings, Conversation conversation, Responses responses, CallerTurns turns, TimeProvider time, Lock gate)
    {
        (_settings, _conversation, _responses, _turns) = (settings, conversation, responses, turns);
        _pause = time.CreateTimer(
            _ =>
            {
                lock (gate)
                {
                    Say();
                }
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        responses.Spoken += Wait;
    }

    /// <summary>Waits for more keys, where the assistant has not named all of them yet.</summary>
    public void Wait()
    {
        if (_conversation.NewKeys.Any())
        {
            _pause.Change(Pause, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        _isDisposed = true; // The timer may be waiting for the lock.
        _pause.Dispose();
    }

    private void Say()
    {
        // While the assistant speaks, the end of that is waited for; the caller's turn ends in a response that names the keys, too.
        if (!_isDisposed && _conversation.NewKeys.Any() && !_responses.IsSpeaking && !_turns.IsOpen && _settings is { Speaks: true, WritesOnly: false })
        {
            _responses.Create(ResponseRequest.Read(null, _settings));
        }
    }
}
