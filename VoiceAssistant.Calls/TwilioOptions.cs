using Microsoft.Extensions.Configuration;

namespace VoiceAssistant.Calls;

/// <summary>Whose calls we take, and under which address Twilio reaches us.</summary>
public sealed record TwilioOptions
{
    public const string AuthTokenName = "TWILIO_AUTH_TOKEN";
    public const string AccountSidName = "TWILIO_ACCOUNT_SID";
    public const string PublicUrlName = "PUBLIC_URL";
    public const string StreamUrlName = "STREAM_URL";

    internal const string StreamPath = "/media-stream";

    /// <summary>What Twilio signs with. A comma-separated list during a rotation: each of them is accepted.</summary>
    [ConfigurationKeyName(AuthTokenName)]
    public string AuthToken { get; init; } = "";

    /// <summary>The only account whose calls are taken; empty takes any that signs with our auth token.</summary>
    [ConfigurationKeyName(AccountSidName)]
    public string AccountSid { get; init; } = "";

    /// <summary>
    /// Scheme, host (and port) and path as Twilio sees them, the only base for signatures and for URLs in TwiML: never the Host header,
    /// which a stranger chooses.
    /// </summary>
    [ConfigurationKeyName(PublicUrlName)]
    public string PublicUrl { get; init => field = value.TrimEnd('/'); } = "";

    /// <summary>Whether <see cref="PublicUrl"/> is http on this machine: the rules that protect a line open to the world are for every other.</summary>
    public bool IsLocal => PublicUrl.StartsWith("http://", StringComparison.Ordinal);

    public IReadOnlyList<string> AuthTokens =>
        AuthToken.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The bridge's address where that has a host of its own; empty where it shares <see cref="PublicUrl"/>.</summary>
    [ConfigurationKeyName(StreamUrlName)]
    public string BridgeStreamUrl { get; init; } = "";

    /// <summary>Where Twilio opens the media stream: <see cref="BridgeStreamUrl"/>, else <see cref="PublicUrl"/> with a WebSocket's scheme.</summary>
    /// <remarks>Twilio itself takes only wss; ws is for the phone on this machine.</remarks>
    public string StreamUrl => BridgeStreamUrl is "" ? string.Concat("ws", PublicUrl.AsSpan("http".Length), StreamPath) : BridgeStreamUrl;

    /// <summary>The paths of the two addresses, the longer first; none where they are just hosts.</summary>
    internal IEnumerable<string> BasePaths =>
        new[] { PublicUrl, BridgeStreamUrl.EndsWith(StreamPath, StringComparison.Ordinal) ? BridgeStreamUrl[..^StreamPath.Length] : "" }
            .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.AbsolutePath.TrimEnd('/') : "")
            .Where(path => path.StartsWith('/'))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(path => path.Length);

    // A record prints its members, and one of these is a secret.
    public override string ToString() => nameof(TwilioOptions);
}
