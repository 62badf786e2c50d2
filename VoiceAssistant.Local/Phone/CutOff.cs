namespace VoiceAssistant.Local.Phone;

/// <summary>The server took back audio that it had sent and the caller had not heard yet.</summary>
/// <param name="Unheard">How much.</param>
/// <param name="IsByCaller">Whether the caller was speaking, or just had been.</param>
/// <param name="SilentAfter">From the caller's first sound over the assistant to the assistant's silence; null where the caller began in a pause.</param>
internal sealed record CutOff(TimeSpan Unheard, bool IsByCaller, TimeSpan? SilentAfter);
