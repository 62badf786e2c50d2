namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What to take back when the caller speaks over the assistant.</summary>
/// <param name="MustClear">Twilio still holds audio that has not been played.</param>
/// <param name="Items">What the model believes to have said and the caller did not hear to its end, oldest first.</param>
internal sealed record Interruption(bool MustClear, IReadOnlyList<Heard> Items);

/// <param name="ItemId">As the model wrote it.</param>
/// <param name="Milliseconds">How much of the item the caller has heard; never more than was sent.</param>
/// <param name="Sent">How much of it was sent, in milliseconds.</param>
/// <param name="IsOfThisSession">Whether the model that now listens knows the item.</param>
internal readonly record struct Heard(byte[] ItemId, long Milliseconds, long Sent, bool IsOfThisSession)
{
    /// <summary>From 0 to 1.</summary>
    public double Share => Sent == 0 ? 0 : (double)Milliseconds / Sent;
}
