namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>Why a stream ended: the first reason counts.</summary>
internal enum CallEnd
{
    /// <summary>Twilio said stop or closed: the caller hung up.</summary>
    CallerLeft,

    /// <summary>The connection to Twilio broke, or nothing came or was taken any more.</summary>
    CallerLost,

    /// <summary>Twilio's side broke the protocol.</summary>
    CallerViolation,

    /// <summary>No conversation with the model could be had, or it was lost and the caller was told.</summary>
    ModelLost,

    /// <summary>The call has lasted as long as one may.</summary>
    TimeLimit,

    /// <summary>The caller said nothing any more, not even when asked.</summary>
    CallerSilent,

    /// <summary>Another bridge goes on with the call.</summary>
    HandedOver,

    /// <summary>This service is stopping, nobody could go on with the call, and the caller was told.</summary>
    Stopping,
}
