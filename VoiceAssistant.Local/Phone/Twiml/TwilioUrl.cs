using System.Text.RegularExpressions;

namespace VoiceAssistant.Local.Phone.Twiml;

/// <summary>URLs as Twilio resolves and signs them.</summary>
internal static partial class TwilioUrl
{
    /// <summary>The text that the signature covers: as written, but without user and fragment, and over https without a port.</summary>
    public static string Signed(Uri url)
    {
        var parts = Parts().Match(url.OriginalString);
        var port = url.Scheme == Uri.UriSchemeHttps ? "" : parts.Groups["port"].Value;
        return $"{parts.Groups["scheme"]}{parts.Groups["host"]}{port}{parts.Groups["rest"]}";
    }

    [GeneratedRegex(@"^(?<scheme>[^:]+://)(?:[^/?#]*@)?(?<host>\[[^\]]*\]|[^/?#:]*)(?<port>:\d*)?(?<rest>[^#]*)")]
    private static partial Regex Parts();
}
