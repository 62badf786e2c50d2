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

    private static readonly Regex[] Required = [AccountSid(), CallSid(), Direction()];

    /// <returns>A form with the same signed text, whose required fields are well-formed; null where this attempt led nowhere.</returns>
    public Fields? TryCut(string text)
    {
        var placed = new List<Placed>();
        foreach (var form in Required)
        {
            if (Pick(form.Matches(text).ToArray()) is not { } match)
            {
                return null;
            }

            placed.Add(new(match.Groups["name"].Value, match.Index, match.Groups["value"].Length));
        }

        PlaceParty(text, "Caller", "From", placed);
        // Not always, as a client's call is one without it.
        if (random.Next(8) > 0)
        {
            PlaceParty(text, "Called", "To", placed);
        }

        var fields = new List<KeyValuePair<string, string>>();
        var (position, last) = (0, "");
        foreach (var (name, start, length) in placed.OrderBy(field => field.Name, StringComparer.Ordinal))
        {
            if (start < position || !TryFill(text, position, start, last, name, fields))
            {
                return null;
            }

            position = start + name.Length + length;
            fields.Add(new(name, text[(start + name.Length)..position]));
            last = name;
        }

        return TryFill(text, position, text.Length, last, "\uFFFF", fields) ? fields : null;
    }

    // One whose end does not show is placed with its twin, and both are as long as they can be alike, or shorter.
    private void PlaceParty(string text, string twin, string name, List<Placed> placed)
    {
        if (Pick([.. Party().Matches(text).Where(match => match.Groups["name"].Value == name)]) is not { } party)
        {
            return;
        }

        if (!party.Groups["open"].Success)
        {
            placed.Add(new(name, party.Index, party.Groups["value"].Length));
            return;
        }

        var longest = party.Groups["open"].Value;
        var other = Pick([.. Party().Matches(text).Where(match => match.Groups["name"].Value == twin && match.Groups["open"].Success)]);
        if (other is not null)
        {
            longest = longest[..longest.AsSpan().CommonPrefixLength(other.Groups["open"].Value)];
        }

        var length = random.Next(4) > 0 ? longest.Length : random.Next(longest.Length) + 1;
        placed.Add(new(name, party.Index, length));
        if (other is not null)
        {
            placed.Add(new(twin, other.Index, length));
        }
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

    private Match? Pick(Match[] matches) => matches is [] ? null : matches[random.Next(matches.Length)];

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

    [GeneratedRegex(@"\G[A-Za-z][A-Za-z0-9_.-]*")]
    private static partial Regex Name();

    [GeneratedRegex(
        "ApiVersion|CallReason|CallSid|CallStatus|CallToken|Call(?:ed|er)(?:City|Country|Name|State|Zip)?|Direction|ForwardedFrom"
        + "|(?:From|To)(?:City|Country|State|Zip)?|ParentCallSid|Sip(?:CallId|Domain|Header_X-Name)|StirVerstat|VaForwardedAt")]
    private static partial Regex KnownName();

    [GeneratedRegex("(?<name>AccountSid)(?<value>AC[0-9a-f]{32})")]
    private static partial Regex AccountSid();

    [GeneratedRegex("(?<name>CallSid)(?<value>CA[0-9a-f]{32})")]
    private static partial Regex CallSid();

    [GeneratedRegex("(?<name>Direction)(?<value>inbound)")]
    private static partial Regex Direction();

    // What is looked ahead at may hold another.
    [GeneratedRegex(
        @"(?<name>From|To|Caller|Called)(?=(?<value>\+[1-9][0-9]{1,14}|[Aa]nonymous|[Rr]estricted|[Uu]nknown|[Uu]navailable|[Bb]locked|whatsapp:\+[1-9][0-9]{1,14}"
        + "|(?<open>(?:client|sips?):[!-~]+)))")]
    private static partial Regex Party();

    private readonly record struct Placed(string Name, int Start, int Length);
}
