namespace VoiceAssistant.MediaBridge.Streams;

internal static class RoomEndpoint
{
    /// <summary>Maps <c>GET /room</c>: how many calls run, and how many more would be taken now.</summary>
    public static void MapRoom(this IEndpointRouteBuilder management) => management.MapGet("/room", (DrainSwitch drain, Heartbeat heartbeat, StreamGates gates) =>
    {
        var calls = gates.Calls;
        return TypedResults.Ok(new { calls, room = drain.IsOn || heartbeat.IsLate ? 0 : Math.Max(0, gates.MaxCalls - calls) });
    });
}
