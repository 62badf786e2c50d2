using System.Text;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Local.Phone;

/// <summary>The frames of some of the bridge's clips, by which a caller knows these: a phone hears each clip from its first byte on, frame by frame.</summary>
internal sealed class ClipFrames(params IEnumerable<Clip> clips)
{
    /// <summary>Of what the server says by itself where the model does not answer.</summary>
    public static readonly ClipFrames WithoutTheModel = new(Clips.OneMoment, Clips.SayThatAgain, Clips.Goodbye, Clips.SorryGoodbye);

    private readonly HashSet<string> _frames = [.. clips.SelectMany(clip => AudioOf(clip).Chunk(Frame.Length)).Select(Convert.ToBase64String)];

    public bool Contains(ReadOnlySpan<byte> frame) => _frames.Contains(Convert.ToBase64String(frame));

    /// <returns>The clip's µ-law.</returns>
    public static byte[] AudioOf(Clip clip) => Convert.FromBase64String(Encoding.ASCII.GetString(clip.Base64.Span));
}
