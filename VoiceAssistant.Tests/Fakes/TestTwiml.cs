using System.Xml.Linq;

namespace VoiceAssistant.Tests.Fakes;

internal static class TestTwiml
{
    /// <returns>The document as tests write it: without a declaration, and with empty elements in their short form. "" where the request is refused.</returns>
    public static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestTimeout.Token);
        return response.IsSuccessStatusCode ? Plain(text) : "";
    }

    public static string Plain(string twiml)
    {
        var root = XDocument.Parse(twiml, LoadOptions.PreserveWhitespace).Root!;
        foreach (var empty in root.DescendantsAndSelf().Where(element => !element.Nodes().Any()))
        {
            empty.RemoveNodes();
        }

        return root.ToString(SaveOptions.DisableFormatting);
    }

    /// <returns>The token that admits the stream.</returns>
    public static string Token(string twiml) => XDocument.Parse(twiml).Descendants("Parameter").Single().Attribute("value")!.Value;
}
