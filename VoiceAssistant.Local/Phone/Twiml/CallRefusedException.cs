namespace VoiceAssistant.Local.Phone.Twiml;

/// <summary>The server's answer is not one a phone call can follow; the message is one sentence for people.</summary>
internal sealed class CallRefusedException(string message) : Exception(message);
