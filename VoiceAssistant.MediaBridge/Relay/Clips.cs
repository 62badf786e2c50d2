using System.Diagnostics;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What the bridge can say by itself, when the model cannot: µ-law, rendered by scripts/render-clips.sh.</summary>
internal static class Clips
{
    public static readonly Clip OneMoment = Clip.Load("one-moment");

    public static readonly Clip SayThatAgain = Clip.Load("say-that-again");

    public static readonly Clip Goodbye = Clip.Load("goodbye");

    public static readonly Clip SorryGoodbye = Clip.Load("sorry-goodbye");
}

/// <param name="Name">Of its file.</param>
/// <param name="Base64">Ready to stand in a media message.</param>
/// <param name="Bytes">Length of the decoded audio; 8000 are a second.</param>
internal sealed record Clip(string Name, ReadOnlyMemory<byte> Base64, int Bytes)
{
    /// <summary>Lets the caller hear it, after what is still to be heard.</summary>
    public ValueTask PlayAsync(TwilioStream caller, Playback playback, CancellationToken cancellationToken) =>
        playback.TryAdd(default, default, Bytes, out var mark)
            ? caller.PlayAsync(Base64, mark, cancellationToken)
            : throw new UnreachableException("A clip belongs to no response, so none was interrupted.");

    public static Clip Load(string name)
    {
        using var resource = typeof(Clip).Assembly.GetManifestResourceStream($"{name}.ulaw")!;
        var audio = new byte[resource.Length];
        resource.ReadExactly(audio);

        return new Clip(name, System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(audio)), audio.Length);
    }
}
