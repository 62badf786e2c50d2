using System.Text;

namespace VoiceAssistant.Local.Fuzzing;

/// <summary>The example messages of the protocols' documents.</summary>
internal static class Corpus
{
    /// <summary>https://www.twilio.com/docs/voice/media-streams/websocket-messages.</summary>
    public static readonly IReadOnlyList<byte[]> Twilio = Read("twilio-messages.jsonl");

    /// <summary>https://platform.openai.com/docs/api-reference/realtime.</summary>
    public static readonly IReadOnlyList<byte[]> Realtime = Read("openai-events.jsonl");

    private static byte[][] Read(string name)
    {
        using var lines = new StreamReader(typeof(Corpus).Assembly.GetManifestResourceStream(name)!);
        return [.. lines.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Encoding.UTF8.GetBytes)];
    }
}
