namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>How far a call is, in the order in which a caller gets there.</summary>
internal enum CallPhase
{
    Dialling,
    AwaitingGreeting,
    HearingGreeting,
    Asking,
    AwaitingAnswer,
    HearingAnswer,
    Ended,
}
