using System.Xml.Linq;

namespace VoiceAssistant.Tests.Fakes;

internal static class TestTwiml
{
    /// <returns>The token that admits the stream.</returns>
    public static string Token(string twiml) => XDocument.Parse(twiml).Descendants("Parameter").Single().Attribute("value")!.Value;
}
