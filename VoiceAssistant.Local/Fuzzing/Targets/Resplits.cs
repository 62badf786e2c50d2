using System.Text.RegularExpressions;

namespace VoiceAssistant.Local.Fuzzing.Targets;

using Fields = IReadOnlyList<KeyValuePair<string, string>>;

/// <summary>
/// Who captured a signed text and cuts it up otherwise: places the required fields wherever the text can be read as one, and gives what is left
/// between them names that keep the order.
/// </summary>
internal sealed partial class Resplits(Random random)
{
    private const int MaxNameLength = 64;

    // In the order of the signed text.
    private static readonly Regex[] Required = [AccountSid(), CallSid(), Direction(), From(), To()];

    /// <returns>A form with the same signed text, whose required fields are well-formed; null where this attempt led nowhere.</returns>
    public Fields? TryCut(string text)
    {
        var fields = new List<KeyValuePair<string, string>>();
        var position = 0;
        var last = "";

        foreach (var form in Required)
        {
            var matches = form.Matches(text, position);
            if (matches.Count == 0)
            {
                return null;
            }

            var match = matches[random.Next(matches.Count)];
            var name = match.Groups["name"].Value;
            if (!TryFill(text, position, match.Index, last, name, fields))
            {
                return null;
            }

            fields.Add(new(name, match.Groups["value"].Value));
            position = match.Index + match.Length;
            last = name;
        }

        return TryFill(text, position, text.Length, last, "\uFFFF", fields) ? fields : null;
    }

    // Names strictly between the two, ascending.
    private bool TryFill(string text, int start, int end, string after, string before, List<KeyValuePair<string, string>> fields)
    {
        while (start < end)
        {
            if (TryName(text, start, end, after, before) is not { } name)
            {
                return false;
            }

            var value = start + name.Length;
            var next = end;
            for (var tries = random.Next(8); tries > 0; tries--)
            {
                // Often where the signer began a field.
                var candidate = random.Next(4) > 0 && KnownName().Match(text, value, end - value) is { Success: true } known
                    ? known.Index
                    : random.Next(value, end + 1);
                if (candidate < end && TryName(text, candidate, end, name, before) is not null)
                {
                    next = candidate;
                    break;
                }
            }

            fields.Add(new(name, text[value..next]));
            after = name;
            start = next;
        }

        return true;
    }

    private string? TryName(string text, int start, int end, string after, string before)
    {
        var known = KnownName().Match(text, start, end - start);
        if (known.Success && known.Index == start && IsBetween(known.Value) && random.Next(4) > 0)
        {
            return known.Value;
        }

        var longest = Name().Match(text, start, Math.Min(end - start, MaxNameLength)).Value;
        var names = Enumerable.Range(1, longest.Length).Select(length => longest[..length]).Where(IsBetween).ToList();
        return names.Count == 0 ? null : names[random.Next(names.Count)];

        bool IsBetween(string name) => string.CompareOrdinal(after, name) < 0 && string.CompareOrdinal(name, before) < 0;
    }

    [GeneratedRegex(@"\G[A-Za-z][A-Za-z0-9]*")]
    private static partial Regex Name();

    [GeneratedRegex(
        "ApiVersion|CallReason|CallSid|CallStatus|CallToken|Call(?:ed|er)(?:City|Country|Name|State|Zip)?|Direction|ForwardedFrom"
        + "|(?:From|To)(?:City|Country|State|Zip)?|ParentCallSid|StirVerstat|VaForwardedAt")]
    private static partial Regex KnownName();

    [GeneratedRegex("(?<name>AccountSid)(?<value>AC[0-9a-f]{32})")]
    private static partial Regex AccountSid();

    [GeneratedRegex("(?<name>CallSid)(?<value>CA[0-9a-f]{32})")]
    private static partial Regex CallSid();

    [GeneratedRegex("(?<name>Direction)(?<value>inbound)")]
    private static partial Regex Direction();

    [GeneratedRegex(@"(?<name>From)(?<value>\+[1-9][0-9]{1,14}|[Aa]nonymous|[Rr]estricted|[Uu]nknown|[Uu]navailable|[Bb]locked)")]
    private static partial Regex From();

    [GeneratedRegex(@"(?<name>To)(?<value>\+[1-9][0-9]{1,14})")]
    private static partial Regex To();
}
