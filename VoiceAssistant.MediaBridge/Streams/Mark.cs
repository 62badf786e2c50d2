using System.Buffers;
using System.Buffers.Text;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>A place in the audio sent to the caller, under a name that no other place of the stream has.</summary>
/// <param name="Generation">Rises with each <c>clear</c>, after which the marks of older generations prove nothing.</param>
/// <param name="Item">Number of the item that the audio belongs to.</param>
/// <param name="Milliseconds">How much of the item has been played when this mark comes back.</param>
internal readonly record struct Mark(int Generation, int Item, long Milliseconds)
{
    private const int MaxNumberLength = 20;

    /// <summary>Writes <c>generation-item-milliseconds</c>.</summary>
    public void WriteName(IBufferWriter<byte> output)
    {
        var name = output.GetSpan((3 * MaxNumberLength) + 2);

        Utf8Formatter.TryFormat(Generation, name, out var length);
        name[length++] = (byte)'-';
        Utf8Formatter.TryFormat(Item, name[length..], out var written);
        length += written;
        name[length++] = (byte)'-';
        Utf8Formatter.TryFormat(Milliseconds, name[length..], out written);

        output.Advance(length + written);
    }

    /// <returns>False for a name that is not one of ours.</returns>
    public static bool TryParse(ReadOnlySpan<byte> name, out Mark mark)
    {
        mark = default;
        if (!Utf8Parser.TryParse(name, out int generation, out var length) || !TrySkipDash(ref name, length)
            || !Utf8Parser.TryParse(name, out int item, out length) || !TrySkipDash(ref name, length)
            || !Utf8Parser.TryParse(name, out long milliseconds, out length) || length != name.Length)
        {
            return false;
        }

        mark = new Mark(generation, item, milliseconds);
        return true;
    }

    private static bool TrySkipDash(ref ReadOnlySpan<byte> name, int length)
    {
        if (length >= name.Length || name[length] != '-')
        {
            return false;
        }

        name = name[(length + 1)..];
        return true;
    }
}
