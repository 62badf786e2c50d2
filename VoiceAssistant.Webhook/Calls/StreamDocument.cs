using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>The TwiML that connects a call with a media stream, with the addresses that belong to this one stream.</summary>
internal sealed class StreamDocument(IOptions<TwilioOptions> twilio)
{
    private readonly string _streamUrl = twilio.Value.StreamUrl;
    private readonly string _streamEndedUrl = twilio.Value.PublicUrl + CallEndpoints.StreamEnded;
    private readonly string _streamStatusUrl = twilio.Value.PublicUrl + CallEndpoints.StreamStatus;

    public ContentHttpResult Connect(IssuedToken token) =>
        TwiML.ConnectStream(_streamUrl, $"{_streamEndedUrl}/{token.Sequence}", $"{_streamStatusUrl}/{token.Sequence}", token.Value);
}
