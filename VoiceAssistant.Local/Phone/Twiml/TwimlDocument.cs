using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace VoiceAssistant.Local.Phone.Twiml;

/// <summary>What a webhook wants done with the call; the document's URL is where its relative URLs start.</summary>
internal sealed record TwimlDocument(Uri Url, IReadOnlyList<XElement> Verbs)
{
    // Twilio's own limit.
    private const int MaxCharacters = 64 * 1024;

    private const int MaxSeconds = 4 * 60 * 60;

    private static readonly XmlReaderSettings Settings = new()
    {
        Async = true,
        DtdProcessing = DtdProcessing.Prohibit,
        MaxCharactersInDocument = MaxCharacters,
        XmlResolver = null,
    };

    public static async Task<TwimlDocument> ReadAsync(Uri url, Stream xml, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = XmlReader.Create(xml, Settings);
            var root = await XElement.LoadAsync(reader, LoadOptions.None, cancellationToken);
            return root.Name == "Response"
                ? new(url, [.. root.Elements()])
                : throw new CallRefusedException($"The TwiML of {url} begins with <{root.Name}>; Twilio expects <Response>.");
        }
        catch (XmlException ex)
        {
            throw new CallRefusedException($"The TwiML of {url} is not an XML document that Twilio takes: {ex.Message}");
        }
    }

    /// <summary>The URL that an attribute or a verb's text names.</summary>
    public Uri Resolve(string url) =>
        Uri.TryCreate(Url, url.Trim(), out var resolved) && resolved.Scheme is "http" or "https"
            ? resolved
            : throw new CallRefusedException($"The TwiML of {Url} names the URL {url}; Twilio requests http and https.");

    /// <summary>POST, unless the element says otherwise.</summary>
    public HttpMethod Method(XElement element, string attribute) => (string?)element.Attribute(attribute) switch
    {
        null or "POST" => HttpMethod.Post,
        "GET" => HttpMethod.Get,
        var other => throw new CallRefusedException($"The TwiML of {Url} has the {attribute} {other}; Twilio takes GET and POST."),
    };

    /// <summary>The request that two attributes describe; null without a URL.</summary>
    public TwimlRequest? Request(XElement element, string url, string method) =>
        (string?)element.Attribute(url) is { } text ? new(Resolve(text), Method(element, method)) : null;

    /// <summary>A whole number of seconds, 1 without the attribute; at most the four hours that Twilio lets a call last.</summary>
    public TimeSpan Seconds(XElement element, string attribute) =>
        int.TryParse((string?)element.Attribute(attribute) ?? "1", NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, MaxSeconds))
            : throw new CallRefusedException($"The TwiML of {Url} has a <{element.Name}> whose {attribute} is not a number of seconds.");
}
