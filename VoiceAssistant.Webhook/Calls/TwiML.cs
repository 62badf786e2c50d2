using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http.HttpResults;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>What we tell Twilio to do: constants, addresses of ours and the token, never a word of the request.</summary>
/// <remarks>https://www.twilio.com/docs/voice/twiml</remarks>
internal static class TwiML
{
    private const string Apology = "Sorry, the assistant is not available right now. Please call again in a few minutes. Goodbye.";

    /// <param name="streamUrl">Absolute, as all URLs here: Twilio may have fetched this document through the Function, whose host is another.</param>
    /// <param name="actionUrl">Asked whenever the stream ends. What stands behind Connect would not be reached, so nothing does.</param>
    /// <param name="token">Admits the stream.</param>
    public static ContentHttpResult ConnectStream(string streamUrl, string actionUrl, string token) => Respond(
        new XElement("Connect",
            new XAttribute("action", actionUrl),
            new XAttribute("method", "POST"),
            new XElement("Stream",
                new XAttribute("url", streamUrl),
                // Not in the URL: Twilio drops its query, and access logs keep it.
                new XElement("Parameter", new XAttribute("name", "token"), new XAttribute("value", token)))));

    public static ContentHttpResult Unavailable() => SayAndHangUp(Apology);

    public static ContentHttpResult Unverified() =>
        SayAndHangUp("Sorry, your call cannot be taken, because your phone company could not confirm your number. Goodbye.");

    /// <summary>The call is not answered, and costs nobody anything.</summary>
    public static ContentHttpResult Reject() => Respond(new XElement("Reject"));

    public static ContentHttpResult Goodbye() => SayAndHangUp("Goodbye.");

    private static ContentHttpResult SayAndHangUp(string text) =>
        Respond(new XElement("Say", new XAttribute("language", "en-US"), text), new XElement("Hangup"));

    private static ContentHttpResult Respond(params XElement[] verbs) =>
        TypedResults.Text(new XElement("Response", verbs).ToString(SaveOptions.DisableFormatting), "text/xml", Encoding.UTF8);
}
