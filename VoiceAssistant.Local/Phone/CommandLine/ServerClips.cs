using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>The sentences that the server says by itself where the model does not answer. A phone hears each from its first byte on, frame by frame.</summary>
internal static class ServerClips
{
    private static readonly HashSet<string> Frames =
    [
        .. new[] { Clips.OneMoment, Clips.SayThatAgain, Clips.Goodbye, Clips.SorryGoodbye }
            .SelectMany(clip => Convert.FromBase64String(System.Text.Encoding.ASCII.GetString(clip.Base64.Span)).Chunk(Frame.Length))
            .Select(Convert.ToBase64String),
    ];

    public static bool Contain(ReadOnlySpan<byte> frame) => Frames.Contains(Convert.ToBase64String(frame));
}
