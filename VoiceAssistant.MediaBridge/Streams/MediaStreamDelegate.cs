namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>Holds the conversation on an admitted stream until it ends, and closes the stream.</summary>
/// <returns>Whether the call may go on in another stream.</returns>
internal delegate Task<bool> MediaStreamDelegate(TwilioStream stream, AdmittedStream admitted);
