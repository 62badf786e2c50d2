using System.Net.WebSockets;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>A caller who waits for a model that is there and sends nothing.</summary>
internal sealed partial class Conversation
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    private readonly OneMoment _oneMoment;

    // From the loss of a session until the next one has been told everything. Who opens it says "one moment" then.
    private volatile bool _isOpening = true;

    // A model that does not hear any more that the caller has finished would have them speak for ever.
    private bool CallerWaits => _isOpening
        || (Volatile.Read(ref _current) is { IsRetired: false } && (_floor.CallerSpeaks ? _audio.Voice.Quiet > _sessions.TurnEnd : _floor.IsModelAwaited));

    /// <summary>Tells the caller again and again that somebody is there, until cancelled.</summary>
    public async Task ReassureAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (_oneMoment.IsDue(CallerWaits) && !_isOpening && !_isEnding)
                {
                    await _oneMoment.SayAsync(cancellationToken);
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The call ended, or is about to.
        }
    }

    /// <summary>Gives up a session that is there only by name.</summary>
    public void AbortStuckModel() => Volatile.Read(ref _current)?.AbortIfStuck(_oneMoment.Waited);
}
