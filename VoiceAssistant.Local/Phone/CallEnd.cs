namespace VoiceAssistant.Local.Phone;

internal enum CallEndKind
{
    /// <summary>The server ended the call: a &lt;Hangup&gt;, or nothing left to do.</summary>
    Completed,

    /// <summary>The caller hung up.</summary>
    HungUp,

    /// <summary>The server answered with &lt;Reject&gt;.</summary>
    Rejected,

    /// <summary>The webhook could not be reached, or its answer was not one a phone call can follow.</summary>
    Refused,

    /// <summary>The last stream of the call could not be opened.</summary>
    StreamRefused,

    /// <summary>The last stream of the call broke.</summary>
    StreamDropped,
}

/// <summary>How a call ended; the reason is one sentence for people.</summary>
internal sealed record CallEnd(CallEndKind Kind, string Reason)
{
    public static CallEnd CallerHungUp { get; } = new(CallEndKind.HungUp, "The caller hung up.");
}
