using System.Text.RegularExpressions;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>How Twilio names a caller, or the one that is called.</summary>
internal enum PartyKind
{
    /// <summary>A telephone.</summary>
    Number,

    /// <summary>A caller who hides their number.</summary>
    Hidden,

    /// <summary>A browser or an app with Twilio's Voice SDK.</summary>
    Client,

    /// <summary>A SIP endpoint.</summary>
    Sip,

    /// <summary>A WhatsApp user, or the sender that they call.</summary>
    WhatsApp,

    /// <summary>A SIM of Twilio's.</summary>
    Sim,
}

/// <summary>A party of a call, in one of the forms that Twilio documents for From and To; any other text is none.</summary>
/// <remarks>
/// https://www.twilio.com/docs/voice/api/call-resource (E.164, SIP address, client:name, sim:sid),
/// https://www.twilio.com/docs/voice/api/sip-twiml (From and To are the INVITE's URIs), https://www.twilio.com/docs/voice/twiml/whatsapp (whatsapp:sender).
/// Two texts of one party have the same <see cref="Text"/>, so that it is allowed, and counted, once.
/// </remarks>
/// <param name="Kind">Which form it is.</param>
/// <param name="Text">As Twilio wrote it; of a SIP URI the host in lower case, without the default port, parameters and headers.</param>
internal sealed partial record Party(PartyKind Kind, string Text)
{
    public const string Expected = "a number like +442071838750, client:NAME, sip:USER@HOST, whatsapp:+442071838750 or sim:DE…";

    // RFC 3323: what a SIP phone sends that withholds its user's name.
    private const string AnonymousHost = "anonymous.invalid";

    /// <summary>Whether a list of callers may have it: one who hides may be anybody, and a list has no patterns, though * is a good name in SIP.</summary>
    public bool IsOneCaller => Kind is not PartyKind.Hidden && !Text.Contains(":*@", StringComparison.Ordinal);

    /// <returns>Null if the text has none of the forms.</returns>
    public static Party? Parse(string? text) => text switch
    {
        null => null,
        _ when Number().IsMatch(text) => new(PartyKind.Number, text),
        _ when HiddenNumber().IsMatch(text) => new(PartyKind.Hidden, text),
        _ when Client().IsMatch(text) => new(PartyKind.Client, text),
        _ when WhatsApp().IsMatch(text) => new(PartyKind.WhatsApp, text),
        _ when Sim().IsMatch(text) => new(PartyKind.Sim, text),
        _ => Sip().Match(text) is { Success: true } uri ? Normalize(uri.Groups) : null,
    };

    // A record prints its members, and one of these is a person's.
    public override string ToString() => nameof(Party);

    private static Party Normalize(GroupCollection uri)
    {
        var (scheme, host, port) = (uri["scheme"].Value, uri["host"].Value.ToLowerInvariant(), uri["port"].Value);
        var isDefault = port == (scheme is "sips" ? ":5061" : ":5060");

        return new(host is AnonymousHost ? PartyKind.Hidden : PartyKind.Sip, $"{scheme}:{uri["user"]}{host}{(isDefault ? "" : port)}");
    }

    // https://www.twilio.com/docs/glossary/what-e164
    [GeneratedRegex(@"^\+[1-9][0-9]{1,14}\z")]
    private static partial Regex Number();

    // A word, or letters turned into digits, which look like a number (+266696687 spells ANONYMOUS).
    [GeneratedRegex(@"^([Aa]nonymous|[Rr]estricted|[Uu]nknown|[Uu]navailable|[Bb]locked)\z")]
    private static partial Regex HiddenNumber();

    // https://www.twilio.com/docs/voice/twiml/client: at most 256 characters, no blank, delimiter (but for %, which begins an escaped one) or unwise one.
    [GeneratedRegex(@"^client:[!$-;=?-Z_a-z~]{1,256}\z")]
    private static partial Regex Client();

    [GeneratedRegex(@"^whatsapp:\+[1-9][0-9]{1,14}\z")]
    private static partial Regex WhatsApp();

    [GeneratedRegex(@"^sim:DE[0-9a-f]{32}\z")]
    private static partial Regex Sim();

    // RFC 3261, section 25.1; without a password, and with a user's name only.
    [GeneratedRegex(
        @"^(?<scheme>sips?):(?<user>[A-Za-z0-9_.!~*'()&=+$,;?/%-]+@)?(?<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*)(?<port>:[0-9]{1,5})?([;?][!-~]*)?\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Sip();
}
