using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Signatures;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>Turns away who is not even likely to be Twilio, before there is a socket.</summary>
internal sealed partial class HandshakeFilter(
    IOptions<StreamOptions> options, IOptions<TwilioOptions> twilio, TimeProvider time, ILogger<HandshakeFilter> logger)
{
    private readonly HandshakeCheck _check = options.Value.Handshake ?? (twilio.Value.IsLocal ? HandshakeCheck.Off : HandshakeCheck.Require);
    private readonly HandshakeSignatures _signatures = new(twilio.Value.StreamUrl, twilio.Value.AuthTokens);
    private readonly string _streamUrl = twilio.Value.StreamUrl;
    private readonly Rarely _mismatches = new(time);
    private string? _lastMatch;

    public bool LetsIn(IHeaderDictionary headers)
    {
        if (_check is HandshakeCheck.Off)
        {
            return true;
        }

        var signatures = headers[TwilioSignature.HeaderName];
        if (signatures is [{ } signature] && _signatures.Match(signature) is { } match)
        {
            Matched(match);
            return true;
        }

        Mismatched(signatures);
        return _check is HandshakeCheck.Log;
    }

    private void Matched(string url)
    {
        if (Interlocked.Exchange(ref _lastMatch, url) != url)
        {
            LogMatched(url);
        }
    }

    private void Mismatched(StringValues signatures)
    {
        if (!_mismatches.IsDue(out var others))
        {
            return;
        }

        var found = signatures.Count switch
        {
            0 => "no X-Twilio-Signature",
            1 => "a wrong X-Twilio-Signature",
            _ => "more than one X-Twilio-Signature",
        };
        if (_check is HandshakeCheck.Log)
        {
            LogLetIn(found, _streamUrl, others);
        }
        else
        {
            LogRefused(found, _streamUrl, others);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "A stream's handshake is signed for {Url}.", EventName = "Matched")]
    private partial void LogMatched(string url);

    [LoggerMessage(2, LogLevel.Warning,
        "A stream was refused (403): its handshake has {Found} for any form of {StreamUrl} ({Others} more since the last such line). Where these are Twilio's "
        + "streams, check TWILIO_AUTH_TOKEN and PUBLIC_URL, or set HANDSHAKE_SIGNATURE=Log to let them in; the token is checked all the same.",
        EventName = "HandshakeRefused")]
    private partial void LogRefused(string found, string streamUrl, int others);

    [LoggerMessage(3, LogLevel.Warning,
        "A stream was let in by HANDSHAKE_SIGNATURE=Log: its handshake has {Found} for any form of {StreamUrl} ({Others} more since the last such line). Where these "
        + "are Twilio's streams, check TWILIO_AUTH_TOKEN and PUBLIC_URL; when none is left, set it to Require.",
        EventName = "LetIn")]
    private partial void LogLetIn(string found, string streamUrl, int others);
}
