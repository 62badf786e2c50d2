using System.Globalization;
using System.Text.RegularExpressions;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>An inbound call as Twilio describes it.</summary>
/// <remarks>
/// Twilio's signature covers names and values without anything between them: who captured one signed request could cut it up in another
/// way and keep the signature. So the fields are read strictly, and a text that could be cut in two ways is not read at all.
/// </remarks>
/// <param name="CallSid">Twilio's name of the call.</param>
/// <param name="AccountSid">Whose call it is.</param>
/// <param name="From">The caller, as <see cref="Party.Text"/>.</param>
/// <param name="To">The party that was called, likewise; empty for a client's call, whose page or app writes there what it likes.</param>
/// <param name="Verstat">StirVerstat: what the carriers vouch for; null where they say nothing, as everywhere outside the USA and of clients.</param>
/// <param name="ForwardedAt">When the Function signed the request, in seconds since 1970; null where Twilio asks without it.</param>
internal sealed partial record IncomingCall(string CallSid, string AccountSid, string From, string To, string? Verstat, long? ForwardedAt)
{
    // Of a field that is read and kept.
    private const int MaxValueLength = 512;

    private static readonly string[] Kept = ["From", "To", "Caller", "Called", "StirVerstat"];

    /// <summary>Whether the carriers say that the caller's number is not theirs.</summary>
    public bool IsSpoofed => Verstat?.StartsWith("TN-Validation-Failed", StringComparison.Ordinal) is true;

    /// <param name="form">What Twilio posted and signed.</param>
    /// <param name="accountSid">The only account to take calls of; empty for any.</param>
    /// <param name="fault">Where there is no call: the field that is wrong and what was expected, for a log line; never the field's value.</param>
    /// <returns>Null if the form does not describe an inbound call.</returns>
    public static IncomingCall? Read(TwilioForm form, string accountSid, out string fault)
    {
        if (form.Single("CallSid") is not { } callSid || !CallSidForm().IsMatch(callSid))
        {
            return Refuse("CallSid is missing, repeated, or not CA and 32 hexadecimal digits", out fault);
        }

        if (form.Single("AccountSid") is not { } account || !AccountSidForm().IsMatch(account))
        {
            return Refuse("AccountSid is missing, repeated, or not AC and 32 hexadecimal digits", out fault);
        }

        if (accountSid is not "" && account != accountSid)
        {
            return Refuse("AccountSid is not TWILIO_ACCOUNT_SID", out fault);
        }

        if (form.Single("Direction") is not "inbound")
        {
            return Refuse("Direction is not inbound", out fault);
        }

        if (Party.Parse(form.Single("From")) is not { } from)
        {
            return Refuse($"From is missing, repeated, or neither {Party.Expected} nor a word for a hidden number", out fault);
        }

        // A client's page or app adds fields as it likes, To among them, which is empty without it.
        var isClient = from.Kind is PartyKind.Client;
        var to = isClient ? null : Party.Parse(form.Single("To"));
        if (!isClient && to is null or { Kind: PartyKind.Hidden })
        {
            return Refuse($"To is missing, repeated, or not {Party.Expected}", out fault);
        }

        if (HasNoEnd(form.Single("From")!) && form.Single("Caller") != form.Single("From"))
        {
            return Refuse("Caller is not the same as From", out fault);
        }

        if (to is not null && HasNoEnd(form.Single("To")!) && form.Single("Called") != form.Single("To"))
        {
            return Refuse("Called is not the same as To", out fault);
        }

        if (!IsWellFormed(form))
        {
            return Refuse("a field is there twice, has a name that Twilio does not give, or is too long; or VaForwardedAt is no time", out fault);
        }

        if (AmbiguousField(form) is { } name)
        {
            return Refuse($"{name} can be read in more than one place of what was signed", out fault);
        }

        fault = "";
        return new IncomingCall(
            callSid,
            account,
            from.Text,
            to?.Text ?? "",
            !isClient && form.Single("StirVerstat") is { Length: > 0 } verstat ? verstat : null,
            form.Single("VaForwardedAt") is { } seconds ? long.Parse(seconds, CultureInfo.InvariantCulture) : null);
    }

    private static IncomingCall? Refuse(string reason, out string fault)
    {
        fault = reason;
        return null;
    }

    private static bool IsWellFormed(TwilioForm form)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return form.Fields.All(field =>
            names.Add(field.Key)
            && NameForm().IsMatch(field.Key)
            // Others may be longer: signed documents of the carriers, results of add-ons, SIP headers.
            && (field.Value.Length <= MaxValueLength || !Kept.Contains(field.Key))
            && (field.Key != "VaForwardedAt" || DigitsForm().IsMatch(field.Value)));
    }

    // Where such a party ends and the next field's name begins, the signed text does not show: another cut makes another party. Twilio writes each
    // twice, and no cut changes both alike: what follows Caller in the order of names begins with C or D, what follows From with a later letter;
    // behind Called and To it is C, and T or a later one.
    private static bool HasNoEnd(string party) => NoEnd().IsMatch(party);

    // A record prints its members, and two of these are people.
    public override string ToString() => nameof(IncomingCall);

    // Wherever the signed text reads like a field we rely on, just that field must stand: none folded into a neighbour, none cut out of one, none
    // behind a longer name that ends like it.
    private static string? AmbiguousField(TwilioForm form)
    {
        var read = ReliedOn().Matches(TwilioSignature.Concatenate(form.Fields)).Select(match => match.Value).ToList();
        var standing = form.Fields.Where(Stands).Select(field => field.Key).Order(StringComparer.Ordinal).ToList();

        return read.SequenceEqual(standing) ? null : read.Where((name, index) => name != standing.ElementAtOrDefault(index)).FirstOrDefault() ?? standing[read.Count];
    }

    private static bool Stands(KeyValuePair<string, string> field) =>
        ReliedOn().Match(field.Key + field.Value) is { Index: 0 } match && match.Length == field.Key.Length;

    // With the beginnings of all values that Twilio gives them, also in calls that we refuse. Some fields of Twilio's end like another one.
    [GeneratedRegex(
        "ForwardedFrom|ParentCallSid|SipHeader_X-Twilio-(?:Account|Call|ParentCall)Sid"
        + "|AccountSid(?=AC[0-9a-f])|CallSid(?=CA[0-9a-f])|Direction(?=inbound|outbound|trunking)"
        + "|From(?=[+0-9]|(?:client|sips?|whatsapp|sim):|[Aa]nonymous|[Rr]estricted|[Uu]nknown|[Uu]navailable|[Bb]locked)"
        + "|To(?=[+]|(?:client|sips?|whatsapp|sim):)|Call(?:ed|er)(?=client:|sips?:)"
        + "|StirVerstat(?=TN-|No-)|VaForwardedAt(?=[0-9])")]
    private static partial Regex ReliedOn();

    [GeneratedRegex("^(client|sips?):", RegexOptions.ExplicitCapture)]
    private static partial Regex NoEnd();

    [GeneratedRegex(@"^CA[0-9a-f]{32}\z")]
    private static partial Regex CallSidForm();

    [GeneratedRegex(@"^AC[0-9a-f]{32}\z")]
    private static partial Regex AccountSidForm();

    // Of SipHeader_X-Anything, and of what a client's page adds, too. A letter first: that ends a number, an id and a time.
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]*\z")]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^[0-9]{1,12}\z")]
    private static partial Regex DigitsForm();
}
