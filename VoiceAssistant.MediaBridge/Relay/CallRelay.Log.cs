namespace VoiceAssistant.MediaBridge.Relay;

internal sealed partial class CallRelay
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Call {CallSid} began.", EventName = "Started")]
        public static partial void Started(ILogger logger, string callSid);

        [LoggerMessage(3, LogLevel.Information, "Call {CallSid} goes on here, after {Milliseconds} ms without a stream.", EventName = "Resumed")]
        public static partial void Resumed(ILogger logger, string callSid, long milliseconds);

        [LoggerMessage(2, LogLevel.Information,
            "The stream of call {CallSid} ended: {End} after {Seconds} s, {FramesIn} frames in ({Dropped} dropped), {DeltasOut} deltas out. {Reason}", EventName = "Ended")]
        public static partial void Ended(ILogger logger, string callSid, CallEnd end, long seconds, long framesIn, long dropped, long deltasOut, string reason);
    }
}
