using System.Buffers;
using System.Text.Json;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Random texts that must not be found again: neither whole nor a part of 16 characters, as they are, escaped for a URL or for JSON.</summary>
internal sealed class Contraband
{
    // Where 16 characters in a row are found, so is one of these, wherever they begin.
    private const int PieceLength = 8;

    private readonly Dictionary<string, string> _pieces = new(StringComparer.OrdinalIgnoreCase);

    public string Add(string name, string text)
    {
        foreach (var form in new[] { text, Uri.EscapeDataString(text), JsonEncodedText.Encode(text).ToString() })
        {
            for (var start = 0; start + PieceLength <= form.Length; start += PieceLength)
            {
                _pieces[form.Substring(start, PieceLength)] = name;
            }
        }

        return text;
    }

    /// <summary>A number counts in every form that has its digits behind the country's code in a row.</summary>
    public string AddNumber(string name, string number)
    {
        _pieces[number["+1".Length..]] = name;
        return number;
    }

    /// <returns>What was found, and in which text.</returns>
    public IEnumerable<string> FindIn(IEnumerable<string> texts)
    {
        var pieces = SearchValues.Create([.. _pieces.Keys], StringComparison.OrdinalIgnoreCase);
        return
            from text in texts.Distinct()
            let start = text.AsSpan().IndexOfAny(pieces)
            where start >= 0
            let name = _pieces.First(piece => text.AsSpan(start).StartsWith(piece.Key, StringComparison.OrdinalIgnoreCase)).Value
            select $"{name} in: {text}";
    }
}
