namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>Holds the conversation on an admitted stream until it ends, and closes the stream.</summary>
internal delegate Task MediaStreamDelegate(TwilioStream stream, AdmittedStream admitted);
