namespace VoiceAssistant.Local.Phone.Twiml;

/// <summary>A request that TwiML asks Twilio to make.</summary>
internal sealed record TwimlRequest(Uri Url, HttpMethod Method);
