namespace VoiceAssistant.Local.Phone.Streams;

/// <summary>What a stream says of itself in its start message.</summary>
internal sealed record StreamIdentity(
    string StreamSid, string CallSid, string AccountSid, IReadOnlyList<KeyValuePair<string, string>> Parameters);
