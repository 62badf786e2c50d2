namespace VoiceAssistant.Tests.Fakes;

internal static class Build
{
    public const string DebugAllocates = "Debug builds allocate where Release builds do not.";

#if DEBUG
    public static bool IsDebug => true;
#else
    public static bool IsDebug => false;
#endif
}
