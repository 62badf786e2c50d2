using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>The TwiML that connects a call with a media stream, with the addresses that belong to this one stream.</summary>
internal sealed class StreamDocument(IOptions<TwilioOptions> twilio)
{
    // As long as Twilio is asked for it (RescueServices), and then some.
    public static readonly TimeSpan RescueTime = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan ReplacementTime = TimeSpan.FromSeconds(4);

    private readonly string _streamUrl = twilio.Value.StreamUrl;
    private readonly string _streamEndedUrl = twilio.Value.PublicUrl + CallEndpoints.StreamEnded;
    private readonly string _streamStatusUrl = twilio.Value.PublicUrl + CallEndpoints.StreamStatus;

    /// <summary>The URL that says what becomes of a call whose stream broke, to whoever was told to ask.</summary>
    public string RescueUrl(int sequence) => $"{_streamEndedUrl}/{sequence}{CallEndpoints.Rescue}";

    /// <summary>Leaves the call to the redirect that is on its way.</summary>
    public ContentHttpResult AwaitRescue(int sequence) => TwiML.PauseAndRedirect(RescueTime, RescueUrl(sequence));

    /// <param name="token">Admits the stream.</param>
    /// <param name="isLater">Whether to give the bridges some time: one that is being replaced takes a few seconds.</param>
    public ContentHttpResult Connect(IssuedToken token, bool isLater = false) => TwiML.ConnectStream(
        _streamUrl, $"{_streamEndedUrl}/{token.Sequence}", $"{_streamStatusUrl}/{token.Sequence}", token.Value, isLater ? ReplacementTime : TimeSpan.Zero);
}
