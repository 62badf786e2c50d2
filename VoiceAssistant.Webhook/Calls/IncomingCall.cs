using System.Text.RegularExpressions;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>An inbound call as Twilio describes it.</summary>
/// <remarks>
/// Twilio's signature covers names and values without anything between them: who captured one signed request could cut it up in another
/// way and keep the signature. So the fields are read strictly, and a text that could be cut in two ways is not read at all.
/// </remarks>
internal sealed partial record IncomingCall(string CallSid, string AccountSid, string From, string To)
{
    private const int MaxValueLength = 512;

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

        return new IncomingCall(callSid, account, from, to);
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

    // Wherever the signed text reads like a field we rely on, a field must stand: none folded into a value, none cut out of one.
    private static bool IsAmbiguous(TwilioForm form) =>
        ReliedOn().Count(TwilioSignature.Concatenate(form.Fields)) != form.Fields.Count(field =>
            ReliedOn().Matches(field.Key + field.Value).Any(match => match.Index + match.Length == field.Key.Length));

    [GeneratedRegex(
        "CallSid(?=CA[0-9a-f])|AccountSid(?=AC[0-9a-f])|To(?=[+])|Direction(?=inbound)|StirVerstat(?=TN-)|VaForwardedAt(?=[0-9])"
        + "|From(?=[+]|[Aa]nonymous|[Rr]estricted|[Uu]nknown|[Uu]navailable|[Bb]locked)")]
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
