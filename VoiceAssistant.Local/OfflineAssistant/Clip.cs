namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>Something said: the sound, as µ-law, and the words. scripts/render-clips.sh speaks those that are embedded.</summary>
internal sealed record Clip(ReadOnlyMemory<byte> Audio, string Transcript)
{
    public static readonly Clip Greeting = Load(
        "greeting", "Hello! I am the offline stand-in. For the real assistant, set OPENAI_API_KEY. Say something, and I will repeat it.");

    public static readonly Clip Listening = Load("listening", "I am listening.");
    public static readonly Clip YouSaid = Load("you-said", "You said:");
    public static readonly Clip YouPressed = Load("you-pressed", "You pressed");

    private static readonly byte[] Pause = [.. Enumerable.Repeat(MuLaw.Silence, 100 * MuLaw.BytesPerMs)];
    private static readonly Dictionary<char, Clip> Keys = KeyMessage.Keys.ToDictionary(key => key, LoadKey);

    public static Clip Key(char key) => Keys[key];

    /// <summary>One after the other, with pauses between them.</summary>
    public static Clip Join(IReadOnlyList<Clip> clips) => clips is [var only] ? only : new(
        clips.SelectMany((clip, i) => i == 0 ? clip.Audio.ToArray() : [.. Pause, .. clip.Audio.Span]).ToArray(),
        string.Join(' ', clips.Select(clip => clip.Transcript)));

    private static Clip LoadKey(char key) => Load(
        key switch
        {
            '*' => "key-star",
            '#' => "key-pound",
            _ => $"key-{char.ToLowerInvariant(key)}",
        },
        $"{key}");

    private static Clip Load(string name, string transcript)
    {
        using var resource = typeof(Clip).Assembly.GetManifestResourceStream($"{typeof(Clip).Namespace}.Clips.{name}.ulaw")!;
        var audio = new byte[resource.Length];
        resource.ReadExactly(audio);
        return new(audio, transcript);
    }
}
