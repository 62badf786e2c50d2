namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>Something said: the sound, as µ-law, and the words. scripts/render-clips.sh speaks those that are embedded.</summary>
internal sealed record Clip(ReadOnlyMemory<byte> Audio, string Transcript)
{
    public static readonly Clip Greeting = Load(
        "greeting", "Hello! I am the offline stand-in. For the real assistant, set OPENAI_API_KEY. Say something, and I will repeat it.");

    public static readonly Clip Listening = Load("listening", "I am listening.");
    public static readonly Clip YouSaid = Load("you-said", "You said:");

    private static Clip Load(string name, string transcript)
    {
        using var resource = typeof(Clip).Assembly.GetManifestResourceStream($"{typeof(Clip).Namespace}.Clips.{name}.ulaw")!;
        var audio = new byte[resource.Length];
        resource.ReadExactly(audio);
        return new(audio, transcript);
    }
}
