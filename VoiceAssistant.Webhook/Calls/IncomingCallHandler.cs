using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Answers an authentic request about a new call: with a media stream and the token that admits it.</summary>
internal sealed partial class IncomingCallHandler(StreamTokens tokens, IOptions<TwilioOptions> options, ILogger<IncomingCallHandler> logger)
{
    private readonly string _streamEndedUrl = options.Value.PublicUrl + CallEndpoints.StreamEnded;
    private readonly string _streamUrl = options.Value.StreamUrl;

    public async Task<Results<ContentHttpResult, StatusCodeHttpResult>> AnswerAsync(TwilioForm form, CancellationToken cancellationToken)
    {
        if (IncomingCall.Read(form, options.Value.AccountSid) is not { } call)
        {
            LogNotACall();
            return TypedResults.StatusCode(StatusCodes.Status403Forbidden);
        }

        try
        {
            var token = await tokens.IssueAsync(call.CallSid, call.AccountSid, cancellationToken);
            LogAnswered(call.CallSid);
            return TwiML.ConnectStream(_streamUrl, _streamEndedUrl, token);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Without a token that can be checked there is no stream: the caller hears why, and nobody gets in.
            LogRedisFailed(call.CallSid, exception.Message);
            return TwiML.Unavailable();
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Call {CallSid} is answered with a media stream.", EventName = "Answered")]
    private partial void LogAnswered(string callSid);

    [LoggerMessage(2, LogLevel.Warning,
        "A signed request was refused: its fields are not those of an inbound call, or its AccountSid is not TWILIO_ACCOUNT_SID.", EventName = "NotACall")]
    private partial void LogNotACall();

    [LoggerMessage(3, LogLevel.Warning, "Call {CallSid} is turned away with an apology: Redis (ConnectionStrings:redis) does not do its part: {Fault}", EventName = "RedisFailed")]
    private partial void LogRedisFailed(string callSid, string fault);
}
