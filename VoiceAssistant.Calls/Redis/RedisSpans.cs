using System.Diagnostics;
using OpenTelemetry;

namespace VoiceAssistant.Calls.Redis;

/// <summary>Leaves what nobody's request or call has asked Redis, as timers do, out of what is exported: each command would be a trace of its own.</summary>
/// <remarks>Here, because the client's own filter is internal to Aspire's package.</remarks>
internal sealed class RedisSpans : BaseProcessor<Activity>
{
    public const string Source = "OpenTelemetry.Instrumentation.StackExchangeRedis";

    public override void OnEnd(Activity data)
    {
        if (data.Source.Name is Source && data.ParentSpanId == default)
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
