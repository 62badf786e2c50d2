namespace VoiceAssistant.MediaBridge.Streams;

internal static class DrainEndpoint
{
    /// <summary>Maps <c>POST /drain</c>: turns new calls away from now on, and answers how many run.</summary>
    public static void MapDrain(this IEndpointRouteBuilder management) => management.MapPost("/drain", (DrainSwitch drain, StreamGates gates) =>
    {
        drain.TurnOn();
        return TypedResults.Ok(new { gates.Calls });
    });
}
