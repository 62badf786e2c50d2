using System.Buffers;
using System.Text;

namespace VoiceAssistant.Local.Fuzzing;

/// <summary>Changes messages in the ways that break readers.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> seeds, int maxLength)
{
    private const int MaxWordLength = 64;

    private static readonly SearchValues<byte> Delimiters = SearchValues.Create("\"\\{}[]:,&=\n\r ?"u8);

    // Numbers without a value, escapes that stand for nothing, what opens and does not close, text that is none.
    private static readonly byte[][] Edges =
    [
        .. new[]
        {
            "0", "-0", "-1", "1.5", "1e999", "1E-1", "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "99999999999999999999",
            "null", "true", "\"\"", "{}", "[]", "{", "}", "[", "]", ",", ":", "\"", "\\", "\\\"", "\\/", "\\u0000", "\\u00", "\\ud800", "\\udfff\\ud800", "\\u0065",
            "/**/", "//", " ", "\n", "\r\n", "\0", "…", "\uFEFF", "\uFFFF", "&", "=", "+", "%", "%00", "%2B", "%26", "%3D", "%ED%A0%80", "%FF", "&&", "==", ":443", ":80", "@", "#", "?",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE],
    ];

    private readonly byte[][] _words = [.. Edges, .. seeds.SelectMany(Words).DistinctBy(Convert.ToHexString)];

    /// <returns>One of the inputs with a few changes; now and then nothing but chance.</returns>
    public byte[] Next(IReadOnlyList<byte[]> inputs)
    {
        var bytes = new List<byte>(Pick(inputs));
        if (random.Next(64) == 0)
        {
            bytes = [.. Chance(random.Next(256))];
        }

        for (var changes = 1 + random.Next(1 << random.Next(5)); changes > 0; changes--)
        {
            Change(bytes, inputs);
        }

        if (bytes.Count > maxLength)
        {
            bytes.RemoveRange(maxLength, bytes.Count - maxLength);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes, IReadOnlyList<byte[]> inputs)
    {
        var at = random.Next(bytes.Count + 1);
        var length = random.Next(Math.Min(bytes.Count - at, 1 << random.Next(12)) + 1);
        switch (random.Next(14))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 4:
                bytes.InsertRange(at, Chance(random.Next(8)));
                break;
            case 5 when random.Next(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 6:
                var other = Pick(inputs);
                var from = random.Next(other.Length + 1);
                bytes.InsertRange(at, other.AsSpan(from, random.Next(other.Length - from + 1)).ToArray());
                break;
            case 7 when random.Next(8) == 0:
                Nest(bytes, at);
                break;
            case 8 when random.Next(64) == 0:
                Inflate(bytes, at, length);
                break;
            case 9 or 10:
                bytes.InsertRange(at, Pick(_words));
                break;
            default:
                ReplaceWord(bytes, at);
                break;
        }
    }

    // What stands between two delimiters: a name, a value, an id, a number.
    private void ReplaceWord(List<byte> bytes, int at)
    {
        var start = at;
        while (start > 0 && !Delimiters.Contains(bytes[start - 1]))
        {
            start--;
        }

        var end = at;
        while (end < bytes.Count && !Delimiters.Contains(bytes[end]))
        {
            end++;
        }

        // Often with its quotes: then a value of another type stands there.
        if (start > 0 && end < bytes.Count && bytes[start - 1] == '"' && bytes[end] == '"' && random.Next(2) == 0)
        {
            (start, end) = (start - 1, end + 1);
        }

        bytes.RemoveRange(start, end - start);
        bytes.InsertRange(start, Pick(_words));
    }

    private void Nest(List<byte> bytes, int at)
    {
        // Readers stop at 64.
        var depth = random.Next(2) == 0 ? random.Next(60, 70) : random.Next(20_000);
        var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"a\":", "}");
        bytes.InsertRange(at, Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth))));
    }

    private void Inflate(List<byte> bytes, int at, int length)
    {
        var piece = length == 0 ? Pick(_words) : [.. bytes.GetRange(at, length)];
        var room = maxLength - bytes.Count + random.Next(-2, 3);
        bytes.InsertRange(at, Enumerable.Repeat(piece, Math.Max(0, room / piece.Length)).SelectMany(copy => copy));
    }

    private byte[] Chance(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private byte[] Pick(IReadOnlyList<byte[]> choices) => choices[random.Next(choices.Count)];

    private static IEnumerable<byte[]> Words(byte[] seed)
    {
        for (var start = 0; start < seed.Length;)
        {
            var length = seed.AsSpan(start).IndexOfAny(Delimiters);
            length = length < 0 ? seed.Length - start : length;
            if (length is > 0 and <= MaxWordLength)
            {
                yield return seed[start..(start + length)];
            }

            start += length + 1;
        }
    }
}
