using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>The bridge's way to a model, put together as the bridge does, without a host.</summary>
internal static class TestSessions
{
    public static RealtimeSessions Create(RealtimeOptions options, RealtimeMetrics metrics, TimeProvider time) => Create(options, metrics, time, out _);

    public static RealtimeSessions Create(RealtimeOptions options, RealtimeMetrics metrics, TimeProvider time, out RealtimeConnector connector)
    {
        var health = new ModelHealth(time);
        var settings = new SessionSettings(Options.Create(options), NullLogger<SessionSettings>.Instance);
        connector = new RealtimeConnector(Options.Create(options), settings, health, metrics, time);
        var warm = new WarmSessions(connector, health, Options.Create(options), time, NullLogger<WarmSessions>.Instance);
        return new RealtimeSessions(connector, warm, settings);
    }
}
