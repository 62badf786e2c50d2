using VoiceAssistant.Local.Fuzzing.Targets;

namespace VoiceAssistant.Local.Fuzzing;

/// <summary>Everything that reads what comes from outside.</summary>
internal static class FuzzTargets
{
    public static readonly IReadOnlyList<IFuzzTarget> All =
    [
        new TwilioMessageTarget(), new CallerPumpTarget(), new RealtimeEventTarget(), new ModelPumpTarget(), new FormTarget(), new SignatureTarget(),
    ];
}
