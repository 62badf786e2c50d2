using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

internal static class RoomEndpoint
{
    /// <summary>Maps <c>GET /room</c>: how many calls run, and how many more would be taken now; none while the model is out of reach.</summary>
    public static void MapRoom(this IEndpointRouteBuilder management) => management.MapGet(
        "/room",
        (DrainSwitch drain, Heartbeat heartbeat, ModelHealth model, StreamGates gates) =>
        {
            var calls = gates.Calls;
            var takesCalls = !drain.IsOn && !heartbeat.IsLate && model.RetryIn == TimeSpan.Zero;
            return TypedResults.Ok(new { calls, room = takesCalls ? Math.Max(0, gates.MaxCalls - calls) : 0 });
        });
}
