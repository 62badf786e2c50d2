namespace VoiceAssistant.MediaBridge.Relay;

internal sealed partial class Conversation
{
    // Never the audio, a transcript or a message of the model's side, which may quote either.
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Call {CallSid} has no model: {Reason}. The caller hears an apology.", EventName = "ModelLost")]
        public static partial void ModelLost(ILogger logger, string callSid, string reason);

        [LoggerMessage(2, LogLevel.Error, "Call {CallSid} has no model, nor will any other: {Reason}. The caller hears an apology.", EventName = "ModelRefuses")]
        public static partial void ModelRefuses(ILogger logger, string callSid, string reason);

        [LoggerMessage(3, LogLevel.Warning, "Call {CallSid} lost its session with the model: {Reason}. Another takes over.", EventName = "SessionLost")]
        public static partial void SessionLost(ILogger logger, string callSid, string reason);

        [LoggerMessage(4, LogLevel.Information, "Call {CallSid} has a session again, after {Milliseconds} ms.", EventName = "SessionRestored")]
        public static partial void SessionRestored(ILogger logger, string callSid, long milliseconds);

        [LoggerMessage(5, LogLevel.Information, "Call {CallSid} goes on in a new session, before the old one expires.", EventName = "SessionRenewed")]
        public static partial void SessionRenewed(ILogger logger, string callSid);
    }
}
