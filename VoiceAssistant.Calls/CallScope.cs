using Microsoft.Extensions.Logging;

namespace VoiceAssistant.Calls;

/// <summary>Every line that is written while a call is handled, also by a library, says which call it was.</summary>
public static class CallScope
{
    /// <summary>The span attribute under which a call is found. Never a metric's: each call would be a time series of its own.</summary>
    public const string Attribute = "voice.call.sid";

    private static readonly Func<ILogger, string, IDisposable?> Begin = LoggerMessage.DefineScope<string>("Call {CallSid}");

    /// <returns>Ends the scope when disposed.</returns>
    public static IDisposable? BeginCall(this ILogger logger, string callSid) => Begin(logger, callSid);
}
