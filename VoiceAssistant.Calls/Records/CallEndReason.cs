namespace VoiceAssistant.Calls.Records;

/// <summary>Why a call ended.</summary>
public enum CallEndReason
{
    /// <summary>The caller hung up.</summary>
    CallerLeft,

    /// <summary>It lost its stream, and Twilio said no more of it.</summary>
    CallerLost,

    /// <summary>Twilio's side broke the protocol.</summary>
    CallerViolation,

    /// <summary>There was no model, or no more, and the caller was told.</summary>
    ModelLost,

    /// <summary>It has lasted as long as a call may, and the caller was told.</summary>
    TimeLimit,

    /// <summary>The caller has not answered the question whether they are still there.</summary>
    CallerSilent,

    /// <summary>It lost its stream too often, or for too long, and the caller was told.</summary>
    NotResumed,

    /// <summary>It lost its stream, and Twilio could not be reached to give it another.</summary>
    NotRescued,

    /// <summary>The service that held it was stopped, no other could go on with it, and the caller was told.</summary>
    Stopped,
}
