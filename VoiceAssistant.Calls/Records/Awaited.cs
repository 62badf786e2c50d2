namespace VoiceAssistant.Calls.Records;

/// <summary>What was waited for in vain when a call ends, as <c>end.lua</c> numbers it.</summary>
internal enum Awaited
{
    Nothing,
    Stream,
    NextStream,
    Rescue,
    NothingOfTheForgotten,
    Renewal,
    LateRenewal,
}
