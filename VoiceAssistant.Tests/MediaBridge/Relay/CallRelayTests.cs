using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

public sealed class CallRelayTests
{
    [Fact]
    public async Task CallerAudio_ReachesTheModel_Unchanged()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var bridge = await BridgeHost.StartAsync(model.Url);
        await using var caller = await bridge.CallAsync();
        var session = await model.AcceptConfiguredAsync();

        await caller.SendMediaAsync(20, [0x7E, 0x7F, 0x00]);

        Assert.Equal("""{"type":"input_audio_buffer.append","audio":"fn8A"}""", await session.ReceiveTextAsync());
        Assert.Equal("Bearer test-key", session.Authorization);
    }
}
