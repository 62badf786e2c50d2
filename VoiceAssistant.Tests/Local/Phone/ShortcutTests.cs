using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Tests.Local.Phone;

public sealed class ShortcutTests
{
    private static readonly Shortcut Shortcut = new(new("https://voice.example"), new("http://localhost:5101"), new("http://localhost:5102"));

    [Theory]
    [InlineData("https://voice.example/incoming-call", "http://localhost:5101/incoming-call")]
    [InlineData("https://voice.example:443/stream-ended", "http://localhost:5101/stream-ended")]
    [InlineData("wss://voice.example/media-stream", "ws://localhost:5102/media-stream")]
    [InlineData("wss://bridge.example/media-stream", "ws://localhost:5102/media-stream")]
    [InlineData("https://other.example/incoming-call", "https://other.example/incoming-call")]
    [InlineData("http://voice.example/incoming-call", "http://voice.example/incoming-call")]
    public void Url_LeadsToTheServiceOnThisMachine_BelowThePublicAddress(string url, string expected) =>
        Assert.Equal(new Uri(expected), Shortcut.Of(new(url)));
}
