namespace VoiceAssistant.MediaBridge.Relay;

internal sealed partial class ModelPump
{
    // Never the audio, a transcript or a message of the model's side, which may quote either.
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Call {CallSid}: the model's response failed with {Code}; the answer to that is {Answer}.", EventName = "ResponseFailed")]
        public static partial void ResponseFailed(ILogger logger, string callSid, string? code, ResponseFailures.Answer answer);

        [LoggerMessage(2, LogLevel.Information, "Call {CallSid}: the model reports the error {Code} about {Param}; the session goes on.", EventName = "ModelError")]
        public static partial void ModelError(ILogger logger, string callSid, string? code, string? param);

        [LoggerMessage(3, LogLevel.Debug, "Call {CallSid}: the caller interrupted.", EventName = "Interrupted")]
        public static partial void Interrupted(ILogger logger, string callSid);

        [LoggerMessage(4, LogLevel.Warning, "Call {CallSid}: the model's response did not end, and was cut off.", EventName = "Endless")]
        public static partial void Endless(ILogger logger, string callSid);

        [LoggerMessage(5, LogLevel.Warning, "Call {CallSid}: the model's response ended with nothing to hear ({What}); the answer to that is {Answer}.", EventName = "ResponseSilent")]
        public static partial void ResponseSilent(ILogger logger, string callSid, string what, ResponseFailures.Answer answer);

        [LoggerMessage(6, LogLevel.Warning, "Call {CallSid}: the model's response was heard, and is not all that it has to say ({What}); the answer to that is {Answer}.", EventName = "ResponseUnfinished")]
        public static partial void ResponseUnfinished(ILogger logger, string callSid, string what, ResponseFailures.Answer answer);
    }
}
