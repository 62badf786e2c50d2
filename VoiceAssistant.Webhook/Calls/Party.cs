using System.Net;
using System.Net.Sockets;
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
/// Two texts of one party have the same <see cref="Text"/>, so that it is allowed, and counted, once. The Function reads parties in the same way
/// (twilio/functions/parties.private.js); parties.json holds the cases of both.
/// </remarks>
/// <param name="Kind">Which form it is.</param>
/// <param name="Text">As Twilio wrote it; of a SIP URI sip:user@host only, the host in lower case; of all hidden callers one word.</param>
internal sealed partial record Party(PartyKind Kind, string Text)
{
    public const string Expected = "a number like +442071838750, client:NAME, sip:USER@HOST, whatsapp:+442071838750 or sim:DE…";

    private static readonly Party Hidden = new(PartyKind.Hidden, "anonymous");

    /// <summary>Why a list of callers cannot have it; null where it can.</summary>
    public string? FaultInList => this switch
    {
        { Kind: PartyKind.Hidden } => "a hidden caller",
        { Kind: PartyKind.Sip } when !Text.Contains('@') => "a SIP host without a user",
        { Kind: PartyKind.Client } when Text.EndsWith('*') => "a pattern",
        { Kind: PartyKind.Sip } when Text.Contains("*@", StringComparison.Ordinal) => "a pattern",
        _ => null,
    };

    /// <returns>Null if the text has none of the forms.</returns>
    public static Party? Parse(string? text) => text switch
    {
        null => null,
        _ when HiddenNumber().IsMatch(text) => Hidden,
        _ when Number().IsMatch(text) => new(PartyKind.Number, text),
        _ when Client().IsMatch(text) => new(PartyKind.Client, text),
        _ when WhatsApp().IsMatch(text) => new(PartyKind.WhatsApp, text),
        _ when Sim().IsMatch(text) => new(PartyKind.Sim, text),
        _ => Sip().Match(text) is { Success: true } uri ? FromUri(uri.Groups["user"].Value, uri.Groups["host"].Value.ToLowerInvariant()) : null,
    };

    // A record prints its members, and one of these is a person's.
    public override string ToString() => nameof(Party);

    private static Party? FromUri(string user, string host)
    {
        if (host.StartsWith('['))
        {
            // One address has many spellings.
            return IPAddress.TryParse(host, out var address) && address.AddressFamily is AddressFamily.InterNetworkV6 ? Sip(user, $"[{address}]") : null;
        }

        // RFC 3323: what a SIP phone sends that withholds its user's name.
        return host is "anonymous.invalid" ? Hidden : Sip(user, host);

        static Party Sip(string user, string host) =>
            new(PartyKind.Sip, user is "" ? $"sip:{host}" : $"sip:{Escaped().Replace(user, escaped => Unescape(escaped.Value))}@{host}");
    }

    // RFC 3261, section 19.1.4: an unreserved character and its escape are the same.
    private static string Unescape(string escaped)
    {
        var character = (char)Convert.ToByte(escaped[1..], 16);
        return char.IsAsciiLetterOrDigit(character) || "-_.!~*'()".Contains(character) ? $"{character}" : escaped.ToUpperInvariant();
    }

    // https://www.twilio.com/docs/glossary/what-e164
    [GeneratedRegex(@"^\+[1-9][0-9]{1,14}\z")]
    private static partial Regex Number();

    // A word, or its letters on a telephone's keys, which look like a number.
    [GeneratedRegex(@"^([Aa]nonymous|[Rr]estricted|[Uu]nknown|[Uu]navailable|[Bb]locked|\+(266696687|7378742833|8656696|86282452253|2562533))\z")]
    private static partial Regex HiddenNumber();

    // https://www.twilio.com/docs/voice/twiml/client: at most 256 characters, no blank, delimiter (but for %, which begins an escaped one) or unwise one.
    [GeneratedRegex(@"^client:[!$-;=?-Z_a-z~]{1,256}\z")]
    private static partial Regex Client();

    [GeneratedRegex(@"^whatsapp:\+[1-9][0-9]{1,14}\z")]
    private static partial Regex WhatsApp();

    [GeneratedRegex(@"^sim:DE[0-9a-f]{32}\z")]
    private static partial Regex Sim();

    // RFC 3261, section 25.1: user, parameters of the user, password, host, port, parameters and headers. Real hosts have underscores and final dots, too.
    [GeneratedRegex(
        @"^sips?:((?<user>[A-Za-z0-9_.!~*'()&=+$,?/%-]+)(;[A-Za-z0-9_.!~*'()&=+$,;?/%-]*)?(:[A-Za-z0-9_.!~*'()&=+$,%-]*)?@)?"
        + @"(?<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?)\.?(:[0-9]{1,5})?([;?][!-~]*)?\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Sip();

    [GeneratedRegex("%[0-9A-Fa-f]{2}")]
    private static partial Regex Escaped();
}
