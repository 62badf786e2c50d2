using System.Net.WebSockets;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>What a caller hears of the bridge itself.</summary>
internal static class BridgeClips
{
    public static async Task ExpectAsync(this FakeTwilioStream caller, Clip clip)
    {
        var (audio, mark) = await caller.ReceiveAudioAsync();
        Assert.Equal(clip.Bytes, audio.Length);
        await caller.ReturnMarkAsync(mark);
    }

    public static async Task ExpectGoodbyeAsync(this FakeTwilioStream caller)
    {
        await caller.ExpectAsync(Clips.SorryGoodbye);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await caller.ReceiveCloseAsync());
    }
}
