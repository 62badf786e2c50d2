using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http.HttpResults;
using Twilio.TwiML;
using Twilio.TwiML.Voice;
using VoiceAssistant.Calls.Budgets;
using HttpMethod = Twilio.Http.HttpMethod;
using Stream = Twilio.TwiML.Voice.Stream;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>What we tell Twilio to do: constants, addresses of ours and the token, never a word of the request.</summary>
/// <remarks>https://www.twilio.com/docs/voice/twiml</remarks>
internal static class TwiML
{
    private const string Apology = "Sorry, the assistant is not available right now. Please call again in a few minutes. Goodbye.";

    private const string Busy = "Sorry, all lines are busy right now. Please call again in a few minutes. Goodbye.";

    /// <param name="streamUrl">Absolute, as all URLs here: Twilio may have fetched this document through the Function, whose host is another.</param>
    /// <param name="actionUrl">Asked whenever the stream ends. What stands behind Connect would not be reached, so nothing does.</param>
    /// <param name="statusUrl">Told when the stream breaks.</param>
    /// <param name="token">Admits the stream.</param>
    /// <param name="after">In whole seconds; the caller is told of it.</param>
    public static ContentHttpResult ConnectStream(string streamUrl, string actionUrl, string statusUrl, string token, TimeSpan after)
    {
        var response = new VoiceResponse();
        if (after > TimeSpan.Zero)
        {
            Say(response, "One moment, please.").Pause((int)after.TotalSeconds);
        }

        // The token is not in the URL: Twilio drops its query, and access logs keep it.
        var stream = new Stream(url: streamUrl, statusCallback: statusUrl).Parameter("token", token);
        return Answer(response.Append(new Connect(new Uri(actionUrl), HttpMethod.Post).Append(stream)));
    }

    /// <summary>Somebody else is about to redirect the call; if not, it redirects itself.</summary>
    public static ContentHttpResult PauseAndRedirect(TimeSpan pause, string url) =>
        Answer(new VoiceResponse().Pause((int)pause.TotalSeconds).Redirect(new Uri(url), HttpMethod.Post));

    public static ContentHttpResult Unavailable() => SayAndHangUp(Apology);

    public static ContentHttpResult Unverified() =>
        SayAndHangUp("Sorry, your call cannot be taken, because your phone company could not confirm your number. Goodbye.");

    public static ContentHttpResult OverBudget(BudgetVerdict verdict) => SayAndHangUp(verdict switch
    {
        BudgetVerdict.CallsOfCaller => "There are calls of yours already. Please end one of them first. Goodbye.",
        BudgetVerdict.CallsOfCallerInAnHour => "You have called very often in the last hour. Please call again later. Goodbye.",
        BudgetVerdict.MinutesOfDay or BudgetVerdict.DollarsOfDay => "The assistant takes no more calls today. Please call again tomorrow. Goodbye.",
        _ => Busy,
    });

    public static ContentHttpResult AllLinesBusy() => SayAndHangUp(Busy);

    /// <summary>The call is not answered, and costs nobody anything.</summary>
    public static ContentHttpResult Reject() => Answer(new VoiceResponse().Reject());

    /// <summary>For a call that is over: nobody hears it.</summary>
    public static ContentHttpResult Nothing() => Answer(new VoiceResponse());

    /// <summary>For a call that is over, as its caller has been told by the bridge, or has said.</summary>
    public static ContentHttpResult HangUp() => Answer(new VoiceResponse().Hangup());

    public static ContentHttpResult Goodbye() => SayAndHangUp("Goodbye.");

    private static ContentHttpResult SayAndHangUp(string text) => Answer(Say(new VoiceResponse(), text).Hangup());

    private static VoiceResponse Say(VoiceResponse response, string text) => response.Say(text, language: Twilio.TwiML.Voice.Say.LanguageEnum.EnUs);

    private static ContentHttpResult Answer(VoiceResponse response) =>
        TypedResults.Text(response.ToString(SaveOptions.DisableFormatting), "text/xml", Encoding.UTF8);
}
