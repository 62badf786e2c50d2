namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>What becomes of a socket without Twilio's signature.</summary>
internal enum HandshakeCheck
{
    /// <summary>Nobody looks.</summary>
    Off,

    /// <summary>It is let in, and the log tells of it.</summary>
    Log,

    /// <summary>It is refused.</summary>
    Require,
}
