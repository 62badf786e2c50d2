using System.Text;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>Reads a form a second time: https://url.spec.whatwg.org/#urlencoded-parsing.</summary>
internal static class PlainForm
{
    /// <summary>Whether there is only one way to read it: it is ASCII, as everything else is escaped, and every name has its equals sign.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> body) => Ascii.IsValid(body) && Encoding.ASCII.GetString(body).Split('&').All(pair => pair.Contains('=', StringComparison.Ordinal));

    public static KeyValuePair<string, string>[] Read(ReadOnlySpan<byte> body) =>
    [
        .. Encoding.UTF8.GetString(body).Split('&').Where(pair => pair is not "").Select(pair => pair.Split('=', 2)).Select(pair =>
            KeyValuePair.Create(Unescape(pair[0]), pair.Length > 1 ? Unescape(pair[1]) : "")),
    ];

    private static string Unescape(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
