using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Calls.Records;

/// <summary>How a call goes on whose stream has ended.</summary>
/// <param name="Verdict">Whether it does.</param>
/// <param name="Token">Admits the next stream, where it does.</param>
/// <param name="WasRefused">Whether no bridge has taken the stream before.</param>
public sealed record Continuation(ContinuationVerdict Verdict, IssuedToken? Token = null, bool WasRefused = false);

public enum ContinuationVerdict
{
    /// <summary>With another stream.</summary>
    Issued,

    /// <summary>It is over.</summary>
    Ended,

    /// <summary>Nothing is known of it, so there is nothing to go on with.</summary>
    Unknown,

    /// <summary>Twilio was told by REST to ask how it goes on, and will.</summary>
    Awaited,

    /// <summary>It has had as many streams, or been without one for as long, as is sensible.</summary>
    Exhausted,

    /// <summary>It has gone on already: the question is an old one.</summary>
    Stale,
}
