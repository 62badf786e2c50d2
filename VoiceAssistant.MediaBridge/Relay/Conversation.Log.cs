namespace VoiceAssistant.MediaBridge.Relay;

internal sealed partial class Conversation
{
    // Never the audio, a transcript or a message of the model's side, which may quote either.
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Call {CallSid} has no model: {Reason}. The caller hears an apology.", EventName = "ModelLost")]
        public static partial void ModelLost(ILogger logger, string callSid, string reason);
    }
}
