namespace VoiceAssistant.MediaBridge.Relay;

internal sealed partial class CallRelay
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Call {CallSid} began.", EventName = "Started")]
        public static partial void Started(ILogger logger, string callSid);

        [LoggerMessage(2, LogLevel.Information,
            "Call {CallSid} ended: {End} after {Seconds} s, {FramesIn} frames in ({Dropped} dropped), {DeltasOut} deltas out. {Reason}", EventName = "Ended")]
        public static partial void Ended(ILogger logger, string callSid, CallEnd end, long seconds, long framesIn, long dropped, long deltasOut, string reason);
    }
}
