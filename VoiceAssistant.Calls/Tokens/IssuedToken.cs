namespace VoiceAssistant.Calls.Tokens;

/// <summary>A token that was issued just now.</summary>
/// <param name="Value">The secret itself, for the TwiML.</param>
/// <param name="Sequence">The how-manieth of its call, see <see cref="StreamGrant.Sequence"/>.</param>
public sealed record IssuedToken(string Value, int Sequence)
{
    // A record prints its members, and one of these is a secret.
    public override string ToString() => nameof(IssuedToken);
}
