using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

[Trait("Proves", "R22")]
public sealed class HeartbeatTests
{
    private readonly StandingClock _clock = new();

    [Fact]
    public async Task NewCalls_AreNotTaken_WhileTimersRunLate_AndThoseThatRunGoOn()
    {
        await using var call = await TestCall.StartAsync(_clock);
        using var telemetry = new TelemetryRecorder(call.Bridge.Meters);
        await _clock.TimerSetAsync(Heartbeat.Interval);
        await BeatAsync(call, TimeSpan.FromMilliseconds(100), times: 1);
        await ExpectHealthAsync(call.Bridge, HttpStatusCode.OK);

        await BeatAsync(call, TimeSpan.FromMilliseconds(600), times: 9);

        await ExpectHealthAsync(call.Bridge, HttpStatusCode.ServiceUnavailable);
        Assert.Equal(9, telemetry.Measured("va.loop.lateness").Count(late => late is 0.5));
        await call.Model.AnswerAsync(call.Caller, "1", "Hello.");

        await BeatAsync(call, TimeSpan.FromMilliseconds(100), times: 11);

        await ExpectHealthAsync(call.Bridge, HttpStatusCode.OK);
        Assert.Equal(["[Late]", "[InTime]"], call.Bridge.Log.Lines.Where(line => line.Contains(nameof(Heartbeat), StringComparison.Ordinal)).Select(Event));
    }

    private async Task BeatAsync(TestCall call, TimeSpan after, int times)
    {
        for (var beat = 0; beat < times; beat++)
        {
            _clock.Advance(after);
            await _clock.TimerSetAsync(Heartbeat.Interval);
            await call.BridgeHasReadEverythingAsync();
        }
    }

    private static string Event(string line) => line[line.IndexOf('[')..(line.IndexOf(']') + 1)];

    private static async Task ExpectHealthAsync(BridgeHost bridge, HttpStatusCode health)
    {
        Assert.Equal(health, await GetAsync(bridge, "/health"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(bridge, "/alive"));
        // As GET /room says it, on the operator's port.
        Assert.Equal(health is not HttpStatusCode.OK, bridge.Services.GetRequiredService<Heartbeat>().IsLate);
    }

    private static async Task<HttpStatusCode> GetAsync(BridgeHost bridge, string path)
    {
        using var response = await bridge.Client.GetAsync(new Uri(path, UriKind.Relative), TestTimeout.Token);
        return response.StatusCode;
    }
}
