namespace VoiceAssistant.Calls.Records;

/// <summary>A call as a stream finds it that has just got it.</summary>
/// <param name="IsContinuation">Whether it had a stream before.</param>
/// <param name="Age">How long ago its first stream began.</param>
/// <param name="Gap">For how long it had none before this one.</param>
/// <param name="WasCutOff">Whether the stream before ended without a word, as that of a bridge does that was killed.</param>
/// <param name="Said">What the bridge before has kept of the conversation; null where nothing was said yet, or it is lost.</param>
/// <param name="Resumes">How often it has been resumed.</param>
/// <param name="Gaps">For how long it had no stream in all.</param>
public sealed record CallLease(bool IsContinuation, TimeSpan Age, TimeSpan Gap, bool WasCutOff, string? Said, int Resumes, TimeSpan Gaps)
{
    // A record prints its members, and what was said is nobody else's business.
    public override string ToString() => nameof(CallLease);
}
