using System.Text.RegularExpressions;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Where the fields of a call's form begin and end, which the signed text does not show.</summary>
/// <remarks>
/// Wherever the signed text reads like a field that a call relies on, just that field must stand: none folded into a neighbour, none cut out of one,
/// none behind a longer name that ends like it.
/// </remarks>
internal static partial class FieldBoundaries
{
    // With the beginnings of all parties and words that Twilio gives for From.
    private const string APartyFollows = "(?=[+0-9]|(?:client|sips?|whatsapp|sim):|[Aa]nonymous|[Rr]estricted|[Uu]nknown|[Uu]navailable|[Bb]locked)";

    // With the beginnings of all values that Twilio gives them, also in calls that we refuse. Some fields of Twilio's end like another one.
    private const string ReliedOn =
        "ForwardedFrom|ParentCallSid|SipHeader_X-Twilio-(?:Account|Call|ParentCall)Sid"
        + "|AccountSid(?=AC[0-9a-f])|CallSid(?=CA[0-9a-f])|Direction(?=inbound|outbound|trunking)"
        + "|StirVerstat(?=TN-|No-)|VaForwardedAt(?=[0-9])";

    /// <summary>
    /// Whether another cut could make another party of this one: where it ends, and the next field's name begins, the signed text does not show.
    /// </summary>
    /// <remarks>
    /// Twilio writes each party twice, and no cut changes both alike: what follows Caller in the order of names begins with C or D, what follows From with
    /// a later letter; behind Called and To it is C, and T or a later one.
    /// </remarks>
    public static bool IsUncertain(string party) => NoEnd().IsMatch(party);

    /// <param name="form">With each name once, and in a form that Twilio gives.</param>
    /// <param name="from">Its From.</param>
    /// <returns>Null where no other cut of the signed text is another call.</returns>
    public static string? FindFault(TwilioForm form, Party from)
    {
        var ends = new Dictionary<int, KeyValuePair<string, string>>(form.Fields.Count);
        var length = 0;
        foreach (var field in form.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            ends.Add(length + field.Key.Length, field);
            length += field.Key.Length + field.Value.Length;
        }

        var text = TwilioSignature.Concatenate(form.Fields);
        return Find(form, text, ends, from) is { } found ? $"{found} can be read in more than one place of what was signed" : null;
    }

    private static string? Find(TwilioForm form, string text, Dictionary<int, KeyValuePair<string, string>> ends, Party from)
    {
        if (FindMisplaced(Any(), text, ends) is not { } misplaced)
        {
            return null;
        }

        // Pages add parameters (LeadFrom), and SIP endpoints headers (SipHeader_X-To), that end like From or To and hold a party. Then Caller and Called
        // tell where From and To are, and nothing else may look like Caller or Called.
        return from.Kind switch
        {
            PartyKind.Client when Stands(OfAClient()) => null,
            PartyKind.Sip when Stands(OfASipEndpoint()) && form.Single("Called") == form.Single("To") && AreTwilios(form) => null,
            _ => misplaced,
        };

        bool Stands(Regex strict) => FindMisplaced(strict, text, ends) is null && FindMisplaced(Any(), text, ends, mayEndALongerName: true) is null;
    }

    private static string? FindMisplaced(Regex read, string text, Dictionary<int, KeyValuePair<string, string>> ends, bool mayEndALongerName = false) =>
        read.Matches(text)
            .FirstOrDefault(match => !ends.TryGetValue(match.Index + match.Length, out var field) || !Stands(field, match.Value, read, mayEndALongerName))
            ?.Value;

    // What the text reads behind the name must be the field's own.
    private static bool Stands(KeyValuePair<string, string> field, string name, Regex read, bool mayEndALongerName) =>
        (field.Key == name || (mayEndALongerName && field.Key.EndsWith(name, StringComparison.Ordinal)))
        && read.Match(field.Key + field.Value, field.Key.Length - name.Length) is { Success: true } match && match.Index + match.Length == field.Key.Length;

    // Between Called and Direction stand only fields that Twilio gives: no part of Called or Caller became a field of its own.
    private static bool AreTwilios(TwilioForm form) => form.Fields.All(field =>
        string.CompareOrdinal(field.Key, "Called") < 0 || string.CompareOrdinal(field.Key, "Direction") >= 0 || OfAParty().IsMatch(field.Key));

    [GeneratedRegex(ReliedOn + "|From" + APartyFollows + "|To(?=[+]|(?:client|sips?|whatsapp|sim):)|Call(?:ed|er)(?=client:|sips?:)")]
    private static partial Regex Any();

    // To is nothing here, and Caller is the same as From.
    [GeneratedRegex(ReliedOn + "|From(?=client:)|Caller" + APartyFollows)]
    private static partial Regex OfAClient();

    [GeneratedRegex(ReliedOn + "|Call(?:ed|er)" + APartyFollows)]
    private static partial Regex OfASipEndpoint();

    [GeneratedRegex("^(client|sips?):", RegexOptions.ExplicitCapture)]
    private static partial Regex NoEnd();

    [GeneratedRegex(@"^Call(ed|er)(City|Country|Name|State|Zip)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex OfAParty();
}
