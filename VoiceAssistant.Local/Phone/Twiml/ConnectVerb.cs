using System.Xml.Linq;

namespace VoiceAssistant.Local.Phone.Twiml;

/// <summary>A &lt;Connect&gt; with its &lt;Stream&gt;; without an action the call goes on at the next verb when the stream has ended.</summary>
internal sealed record ConnectVerb(
    Uri StreamUrl,
    string? StreamName,
    IReadOnlyList<KeyValuePair<string, string>> Parameters,
    TwimlRequest? StatusCallback,
    TwimlRequest? Action)
{
    private const int MaxParameter = 500;

    public static ConnectVerb Read(TwimlDocument document, XElement connect)
    {
        if (connect.Elements().ToArray() is not [{ Name.LocalName: "Stream" } stream])
        {
            throw new CallRefusedException($"The TwiML of {document.Url} has a <Connect> without exactly one <Stream>, the only noun this phone knows.");
        }

        return new(
            ReadStreamUrl(document, (string?)stream.Attribute("url")),
            (string?)stream.Attribute("name"),
            [.. stream.Elements().Select(element => ReadParameter(document, element))],
            document.Request(stream, "statusCallback", "statusCallbackMethod"),
            document.Request(connect, "action", "method"));
    }

    private static Uri ReadStreamUrl(TwimlDocument document, string? url)
    {
        // Relative URLs are those of the document's own server; Twilio opens a stream's URL without its query.
        var server = new Uri("ws" + document.Url.AbsoluteUri["http".Length..]);
        return url is not null && Uri.TryCreate(server, url.Trim(), out var resolved)
            ? new(resolved.OriginalString.Split('?', '#')[0])
            : throw new CallRefusedException($"The TwiML of {document.Url} has a <Stream> without a valid url (Twilio error 31923).");
    }

    private static KeyValuePair<string, string> ReadParameter(TwimlDocument document, XElement element) =>
        element.Name == "Parameter" && (string?)element.Attribute("name") is { } name && (string?)element.Attribute("value") is { } value
        && name.Length + value.Length < MaxParameter
            ? new(name, value)
            : throw new CallRefusedException(
                $"The TwiML of {document.Url} has a <{element.Name}> in its <Stream> that is not a <Parameter> with a name and a value, together under {MaxParameter} characters.");
}
