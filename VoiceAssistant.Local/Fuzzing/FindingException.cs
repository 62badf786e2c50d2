using System.Diagnostics.CodeAnalysis;

namespace VoiceAssistant.Local.Fuzzing;

/// <summary>The code under test did what it must not.</summary>
internal sealed class FindingException(string rule) : Exception(rule)
{
    public static void ThrowIf([DoesNotReturnIf(true)] bool broken, string rule)
    {
        if (broken)
        {
            throw new FindingException(rule);
        }
    }
}
