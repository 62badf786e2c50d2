using System.Text.Json;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>Where a call gets its session from: a connection that is ready, or else a new one.</summary>
internal sealed class RealtimeSessions(RealtimeConnector connector, WarmSessions warm, IOptions<RealtimeOptions> options)
{
    private readonly byte[] _sessionUpdate = JsonSerializer.SerializeToUtf8Bytes(SessionUpdate.Create(options.Value));

    /// <inheritdoc cref="SessionUpdate.TurnEnd"/>
    public TimeSpan TurnEnd { get; } = SessionUpdate.TurnEnd(options.Value);

    /// <inheritdoc cref="RealtimeConnector.OpenAsync" path="/param"/>
    /// <returns>A session that has been told how to listen and speak; the caller disposes it.</returns>
    /// <inheritdoc cref="RealtimeConnector.OpenAsync" path="/exception"/>
    public async Task<RealtimeSession> ConnectAsync(bool insist, CancellationToken cancellationToken)
    {
        while (warm.TryTake() is { } ready)
        {
            if (await TryConfigureAsync(ready, cancellationToken))
            {
                return ready;
            }
        }

        var session = await connector.OpenAsync(insist, cancellationToken);
        return await TryConfigureAsync(session, cancellationToken) ? session : throw new RealtimeException("it closed the connection") { ErrorType = "closed" };
    }

    // Events are handled in their order, so nothing waits for session.updated: it comes before the first audio, or an error does.
    private async Task<bool> TryConfigureAsync(RealtimeSession session, CancellationToken cancellationToken)
    {
        try
        {
            await session.ConfigureAsync(_sessionUpdate, cancellationToken);
            return true;
        }
        catch (Exception exception) when (RealtimeSession.IsGone(exception, cancellationToken))
        {
            await session.DisposeAsync();
            return false;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }
}
