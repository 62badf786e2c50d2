using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

[Trait("Proves", "R12")]
public sealed class DrainTests
{
    [Fact]
    public async Task NewCalls_AreTurnedAway_AndRunningOnesGoOn()
    {
        await using var call = await TestCall.StartAsync();
        var drain = call.Bridge.Services.GetRequiredService<DrainSwitch>();
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await GetAsync(call.Bridge, "/health"));

        drain.TurnOn();
        drain.TurnOn();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Degraded"), await GetAsync(call.Bridge, "/health"));
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await GetAsync(call.Bridge, "/alive"));
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => FakeTwilioStream.ConnectAsync(call.Bridge.Url));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        await call.BridgeHasReadEverythingAsync();
        Assert.Single(call.Bridge.Log.Lines, line => line.Contains("[TurnedOn]", StringComparison.Ordinal));
    }

    // It was let in before, and its token would be burnt for nothing.
    [Fact]
    public async Task Stranger_MayStillShowItsToken_WhoHadASocketBefore()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var bridge = await BridgeHost.StartAsync(model.Url);
        await using var caller = await FakeTwilioStream.ConnectAsync(bridge.Url);

        bridge.Services.GetRequiredService<DrainSwitch>().TurnOn();
        await caller.StartAsync(await bridge.IssueTokenAsync());

        await model.AcceptConfiguredAsync();
    }

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(BridgeHost bridge, string path)
    {
        using var response = await bridge.Client.GetAsync(new Uri(path, UriKind.Relative), TestTimeout.Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestTimeout.Token));
    }
}
