using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>"One moment": what a caller is told who waits for the model and hears nothing, now and then as long as it lasts.</summary>
internal sealed class OneMoment(TwilioStream caller, Playback playback, TurnTrace turns, TimeProvider time)
{
    private readonly MomentSchedule _schedule = new(time);

    /// <inheritdoc cref="MomentSchedule.Waited"/>
    public TimeSpan Waited => _schedule.Waited;

    /// <inheritdoc cref="MomentSchedule.IsDue"/>
    public bool IsDue(bool waits) => _schedule.IsDue(waits, !playback.DrainedAsync().IsCompleted, playback.Pieces);

    /// <summary>How long to be patient, where nothing else is said meanwhile.</summary>
    /// <param name="quiet">At least; longer after one that the caller has just heard.</param>
    public TimeSpan After(TimeSpan quiet) => _schedule.Left(playback.Pieces) is var left && left > quiet ? left : quiet;

    /// <summary>Says it, unless that is the last that the caller was told, a few seconds ago.</summary>
    public ValueTask TrySayAsync(CancellationToken cancellationToken) =>
        After(TimeSpan.Zero) > TimeSpan.Zero ? ValueTask.CompletedTask : SayAsync(cancellationToken);

    public ValueTask SayAsync(CancellationToken cancellationToken)
    {
        turns.ClipPlayed(Clips.OneMoment);
        var playing = Clips.OneMoment.PlayAsync(caller, playback, cancellationToken);
        _schedule.Said(playback.Pieces);
        return playing;
    }
}
