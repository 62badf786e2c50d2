namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>What the offline assistant has to say: it greets, it names keys, and it repeats.</summary>
internal static class Answers
{
    // A caller who reads a story aloud need not hear all of it again.
    private const int MostRepeatedBytes = 20 * MuLaw.SampleRate;

    public static Clip Speak(Conversation conversation)
    {
        var last = conversation.Items.LastOrDefault(item => item.Role is "user" or "assistant");
        if (last is null)
        {
            return Clip.Greeting;
        }

        List<Clip> parts = conversation.NewKeys.Any() ? [Clip.YouPressed, .. conversation.NewKeys.Select(Clip.Key)] : [];
        if (last is { Role: "user", Audio.IsEmpty: false })
        {
            parts.Add(Repeat(last.Audio));
        }

        return parts.Count == 0 ? Clip.Listening : Clip.Join(parts);
    }

    public static Clip Write(Conversation conversation)
    {
        var turns = conversation.Items.Count(item => item.Role == "user");
        return new(default, FormattableString.Invariant($"A talk with the offline stand-in, which repeated what it heard. Turns of the caller: {turns}."));
    }

    private static Clip Repeat(ReadOnlyMemory<byte> speech)
    {
        var heard = speech[..Math.Min(speech.Length, MostRepeatedBytes)];
        var answer = new byte[Clip.YouSaid.Audio.Length + heard.Length];
        Clip.YouSaid.Audio.CopyTo(answer);
        heard.CopyTo(answer.AsMemory(Clip.YouSaid.Audio.Length));
        return new(answer, $"{Clip.YouSaid.Transcript} {ConversationItem.Describe(speech)}");
    }
}
