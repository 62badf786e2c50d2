namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>What the offline assistant has to say: it greets, and it repeats.</summary>
internal static class Answers
{
    // A caller who reads a story aloud need not hear all of it again.
    private const int MostRepeatedBytes = 20 * MuLaw.SampleRate;

    public static Clip Speak(Conversation conversation)
    {
        // A system's message, as about a key that was pressed, is not for the ear.
        var last = conversation.Items.LastOrDefault(item => item.Role is "user" or "assistant");
        if (last is null)
        {
            return Clip.Greeting;
        }

        return last is { Role: "user", Audio.IsEmpty: false } ? Repeat(last.Audio) : Clip.Listening;
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
