using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.Calls;

internal sealed partial class TwilioOptionsValidator : IValidateOptions<TwilioOptions>
{
    public ValidateOptionsResult Validate(string? name, TwilioOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();

        if (options.AuthTokens.Count == 0)
        {
            faults.AddError(
                $"{TwilioOptions.AuthTokenName} is missing; expected the auth token from the Twilio console (a comma-separated list during a rotation).");
        }

        if (options.AccountSid is not "" && !AccountSid().IsMatch(options.AccountSid))
        {
            // The two stand side by side in the console.
            var found = AuthToken().IsMatch(options.AccountSid) ? "looks like an auth token" : $"is '{options.AccountSid}'";
            faults.AddError(
                $"{TwilioOptions.AccountSidName} {found}; expected AC and 32 hexadecimal digits, or nothing to take any account.");
        }

        if (PublicUrlFault(options.PublicUrl) is { } fault)
        {
            faults.AddError($"{TwilioOptions.PublicUrlName} {fault}; expected https://host or https://host/path, as Twilio calls it, without /incoming-call.");
        }

        if (options.BridgeStreamUrl is not "" && !IsStreamUrl(options.BridgeStreamUrl))
        {
            var found = options.BridgeStreamUrl.Contains('@', StringComparison.Ordinal) ? "holds a user name or password" : $"is '{options.BridgeStreamUrl}'";
            faults.AddError(
                $"{TwilioOptions.StreamUrlName} {found}; expected wss://host{TwilioOptions.StreamPath}, with a path before it or not, or nothing where {TwilioOptions.PublicUrlName} leads to the bridge too.");
        }

        return faults.Build();
    }

    // The signature of the handshake covers every character, so what Uri forgives is no address here.
    private static bool IsStreamUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme is "wss" || (uri.Scheme is "ws" && uri.IsLoopback))
        && url.EndsWith(TwilioOptions.StreamPath, StringComparison.Ordinal)
        && IsBase(url[..^TwilioOptions.StreamPath.Length], uri, StringComparison.Ordinal);

    private static string? PublicUrlFault(string url)
    {
        if (url is "")
        {
            return "is missing";
        }

        if (url.Contains('@', StringComparison.Ordinal))
        {
            return "holds a user name or password";
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
        {
            return $"is '{url}', which is no web address";
        }

        // What Uri forgives (blanks, /., capitals in the scheme) would stand in every address of ours.
        if (!url.StartsWith(uri.Scheme, StringComparison.Ordinal) || !IsBase(url, uri, StringComparison.OrdinalIgnoreCase))
        {
            return $"is '{url}', which is not just scheme://host, a port and a path of letters, digits and -._~";
        }

        return uri is { Scheme: "http", IsLoopback: false } ? $"is '{url}', which is not encrypted (http is for localhost only)" : null;
    }

    // Scheme and host with a port or without, and a path or none.
    private static bool IsBase(string url, Uri uri, StringComparison comparison) =>
        new[] { $"{uri.Scheme}://{uri.Authority}", $"{uri.Scheme}://{uri.Host}:{uri.Port}" }
            .Any(origin => url.StartsWith(origin, comparison) && BasePath().IsMatch(url[origin.Length..]));

    // The last are what Twilio is told to ask, and what is put behind the path: there, one is a mistake.
    [GeneratedRegex(@"^(/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*(?<!/incoming-call|/media-stream)\z")]
    private static partial Regex BasePath();

    [GeneratedRegex(@"^AC[0-9a-f]{32}\z")]
    private static partial Regex AccountSid();

    [GeneratedRegex(@"^[0-9a-f]{32}\z")]
    private static partial Regex AuthToken();
}
