using System.Globalization;
using System.Text.RegularExpressions;
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

        if (FieldBoundaries.IsUncertain(form.Single("From")!) && form.Single("Caller") != form.Single("From"))
        {
            return Refuse("Caller is not the same as From", out fault);
        }

        if (to is not null && FieldBoundaries.IsUncertain(form.Single("To")!) && form.Single("Called") != form.Single("To"))
        {
            return Refuse("Called is not the same as To", out fault);
        }

        if ((MalformedField(form) ?? FieldBoundaries.FindFault(form, from)) is { } malformed)
        {
            return Refuse(malformed, out fault);
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

    private static string? MalformedField(TwilioForm form)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in form.Fields)
        {
            if (!NameForm().IsMatch(name))
            {
                return "a field has a name that Twilio does not give";
            }

            if (!names.Add(name))
            {
                return $"{(TwiliosNameForm().IsMatch(name) ? name : "a field")} is there twice";
            }

            // Others may be longer: signed documents of the carriers, results of add-ons, SIP headers.
            if (value.Length > MaxValueLength && Kept.Contains(name))
            {
                return $"{name} is longer than {MaxValueLength} characters";
            }

            if (name is "VaForwardedAt" && !DigitsForm().IsMatch(value))
            {
                return "VaForwardedAt is not a number of seconds";
            }
        }

        return null;
    }

    // A record prints its members, and two of these are people.
    public override string ToString() => nameof(IncomingCall);

    [GeneratedRegex(@"^CA[0-9a-f]{32}\z")]
    private static partial Regex CallSidForm();

    [GeneratedRegex(@"^AC[0-9a-f]{32}\z")]
    private static partial Regex AccountSidForm();

    // Of SipHeader_X-Anything, and of what a client's page adds, too. A letter first: that ends a number, an id and a time.
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]*\z")]
    private static partial Regex NameForm();

    // What a log line may show: no name that a caller made up of a number.
    [GeneratedRegex(@"^[A-Za-z]+\z")]
    private static partial Regex TwiliosNameForm();

    [GeneratedRegex(@"^[0-9]{1,12}\z")]
    private static partial Regex DigitsForm();
}
