using VoiceAssistant.Calls.Records;

namespace VoiceAssistant.Tests.Fakes;

internal static class TestLease
{
    /// <summary>Of a call's first stream.</summary>
    public static CallLease New { get; } =
        new(IsContinuation: false, Age: TimeSpan.Zero, Gap: TimeSpan.Zero, WasCutOff: false, Said: null, Resumes: 0, Gaps: TimeSpan.Zero);
}
