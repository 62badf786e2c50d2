using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Signatures;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>Turns away who is not even likely to be Twilio, before there is a socket.</summary>
internal sealed partial class HandshakeFilter(
    IOptions<StreamOptions> options, IOptions<TwilioOptions> twilio, TimeProvider time, ILogger<HandshakeFilter> logger)
{
    // Scanners come by the thousand; one line of them is enough to find out by.
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly HandshakeCheck _check = options.Value.Handshake ?? (twilio.Value.IsLocal ? HandshakeCheck.Off : HandshakeCheck.Require);
    private readonly HandshakeSignatures _signatures = new(twilio.Value.StreamUrl, twilio.Value.AuthTokens);
    private readonly string _streamUrl = twilio.Value.StreamUrl;
    private readonly Lock _lock = new();
    private string? _lastMatch;
    private long? _warnedAt;
    private int _unwarned;

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
        int others;
        lock (_lock)
        {
            if (_warnedAt is { } warnedAt && time.GetElapsedTime(warnedAt) < BetweenWarnings)
            {
                _unwarned++;
                return;
            }

            (others, _unwarned) = (_unwarned, 0);
            _warnedAt = time.GetTimestamp();
        }

        var found = signatures.Count switch
        {
            0 => "no X-Twilio-Signature",
            1 => "an X-Twilio-Signature that is none of ours",
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
        "A stream was refused (403): its handshake has {Found} for {StreamUrl} in any form; so had {Others} since the last such line. If Twilio's streams are "
        + "refused, check TWILIO_AUTH_TOKEN and PUBLIC_URL, or set HANDSHAKE_SIGNATURE=Log to let them in; the token is checked all the same.",
        EventName = "HandshakeRefused")]
    private partial void LogRefused(string found, string streamUrl, int others);

    [LoggerMessage(3, LogLevel.Warning,
        "A stream was let in although its handshake has {Found} for {StreamUrl} in any form, as HANDSHAKE_SIGNATURE is Log; so had {Others} since the last such line. "
        + "If Twilio's streams have none, set it to Off; else check TWILIO_AUTH_TOKEN and PUBLIC_URL, and set it to Require.",
        EventName = "LetIn")]
    private partial void LogLetIn(string found, string streamUrl, int others);
}
