namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>Where a call gets its session from: a connection that is ready, or else a new one.</summary>
internal sealed class RealtimeSessions(RealtimeConnector connector, WarmSessions warm, SessionSettings settings)
{
    /// <inheritdoc cref="SessionUpdate.TurnEnd"/>
    public TimeSpan TurnEnd => settings.TurnEnd;

    /// <inheritdoc cref="RealtimeConnector.OpenAsync"/>
    public async Task<RealtimeSession> ConnectAsync(bool insist, CancellationToken cancellationToken) =>
        warm.TryTake() ?? await connector.OpenAsync(insist, cancellationToken);
}
