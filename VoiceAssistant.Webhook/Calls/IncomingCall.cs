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
/// <param name="From">The caller's number, or a word where they hide it.</param>
/// <param name="To">The number that was called.</param>
/// <param name="Verstat">StirVerstat: what the carriers vouch for; null where they say nothing, as everywhere outside the USA.</param>
/// <param name="ForwardedAt">When the Function signed the request, in seconds since 1970; null where Twilio asks without it.</param>
internal sealed partial record IncomingCall(string CallSid, string AccountSid, string From, string To, string? Verstat, long? ForwardedAt)
{
    private const int MaxValueLength = 512;

    /// <summary>Whether the carriers say that the caller's number is not theirs.</summary>
    public bool IsSpoofed => Verstat?.StartsWith("TN-Validation-Failed", StringComparison.Ordinal) is true;

    /// <param name="form">What Twilio posted and signed.</param>
    /// <param name="accountSid">The only account to take calls of; empty for any.</param>
    /// <returns>Null if the form does not describe an inbound call.</returns>
    public static IncomingCall? Read(TwilioForm form, string accountSid)
    {
        if (form.Single("CallSid") is not { } callSid || !CallSidForm().IsMatch(callSid)
            || form.Single("AccountSid") is not { } account || !AccountSidForm().IsMatch(account)
            || form.Single("From") is not { } from || !CallerForm().IsMatch(from)
            || form.Single("To") is not { } to || !NumberForm().IsMatch(to)
            || form.Single("Direction") is not "inbound"
            || (accountSid is not "" && account != accountSid)
            || !IsWellFormed(form)
            || IsAmbiguous(form))
        {
            return null;
        }

        return new IncomingCall(
            callSid,
            account,
            from,
            to,
            form.Single("StirVerstat") is { Length: > 0 } verstat ? verstat : null,
            form.Single("VaForwardedAt") is { } seconds ? long.Parse(seconds, CultureInfo.InvariantCulture) : null);
    }

    private static bool IsWellFormed(TwilioForm form)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return form.Fields.All(field =>
            names.Add(field.Key)
            && NameForm().IsMatch(field.Key)
            // A CallToken is a signed document of the carriers and may be longer.
            && (field.Value.Length <= MaxValueLength || field.Key == "CallToken")
            && (field.Key != "VaForwardedAt" || DigitsForm().IsMatch(field.Value)));
    }

    // A record prints its members, and two of these are numbers of people.
    public override string ToString() => nameof(IncomingCall);

    // Wherever the signed text reads like a field we rely on, just that field must stand: none folded into a neighbour, none cut out of one, none
    // behind a longer name that ends like it.
    private static bool IsAmbiguous(TwilioForm form) =>
        !ReliedOn().Matches(TwilioSignature.Concatenate(form.Fields)).Select(match => match.Value).SequenceEqual(
            form.Fields.Where(Stands).Select(field => field.Key).Order(StringComparer.Ordinal));

    private static bool Stands(KeyValuePair<string, string> field) =>
        ReliedOn().Match(field.Key + field.Value) is { Index: 0 } match && match.Length == field.Key.Length;

    // With the beginnings of all values that Twilio gives them, also in calls that we refuse. Two fields of Twilio's end like another one.
    [GeneratedRegex(
        "ForwardedFrom|ParentCallSid|AccountSid(?=AC[0-9a-f])|CallSid(?=CA[0-9a-f])|Direction(?=inbound|outbound|trunking)"
        + "|From(?=[+0-9]|[a-z]+:|[Aa]nonymous|[Rr]estricted|[Uu]nknown|[Uu]navailable|[Bb]locked)|To(?=[+]|[a-z]+:)"
        + "|StirVerstat(?=TN-|No-)|VaForwardedAt(?=[0-9])")]
    private static partial Regex ReliedOn();

    [GeneratedRegex(@"^CA[0-9a-f]{32}\z")]
    private static partial Regex CallSidForm();

    [GeneratedRegex(@"^AC[0-9a-f]{32}\z")]
    private static partial Regex AccountSidForm();

    // https://www.twilio.com/docs/glossary/what-e164
    [GeneratedRegex(@"^\+[1-9][0-9]{1,14}\z")]
    private static partial Regex NumberForm();

    // A caller who hides their number has a word instead, or letters turned into digits (+266696687 spells ANONYMOUS).
    [GeneratedRegex(@"^(\+[1-9][0-9]{1,14}|[Aa]nonymous|[Rr]estricted|[Uu]nknown|[Uu]navailable|[Bb]locked)\z")]
    private static partial Regex CallerForm();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9]*\z")]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^[0-9]{1,12}\z")]
    private static partial Regex DigitsForm();
}
