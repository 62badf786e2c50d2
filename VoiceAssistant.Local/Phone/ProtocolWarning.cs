namespace VoiceAssistant.Local.Phone;

/// <summary>Something the server sent that Twilio's debugger would show under this number.</summary>
internal sealed record ProtocolWarning(int Code, string Text);
