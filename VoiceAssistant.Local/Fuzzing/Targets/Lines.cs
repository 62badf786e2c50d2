namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>Inputs of several messages: one a line.</summary>
internal static class Lines
{
    public static byte[] Join(IEnumerable<byte[]> messages) => [.. messages.SelectMany(message => (byte[])[.. message, (byte)'\n'])];

    public static IEnumerable<ReadOnlyMemory<byte>> Split(byte[] input)
    {
        for (var start = 0; start < input.Length;)
        {
            var length = input.AsSpan(start).IndexOf((byte)'\n');
            length = length < 0 ? input.Length - start : length;
            yield return input.AsMemory(start, length);
            start += length + 1;
        }
    }
}
