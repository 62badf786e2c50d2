using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Tests.Webhook.Calls;

public sealed class TwiMLTests
{
    [Fact, Trait("Proves", "T-W11")]
    public void Values_AreEscaped_WhateverTheyAre()
    {
        var twiml = TwiML.ConnectStream("wss://voice.example/a?b=\"&<c>", "https://voice.example/a?b&c", "<", "\"/>&amp;", TimeSpan.FromSeconds(2)).ResponseContent!;

        Assert.Equal(
            """<Response><Say language="en-US">One moment, please.</Say><Pause length="2" />"""
            + """<Connect action="https://voice.example/a?b&amp;c" method="POST"><Stream url="wss://voice.example/a?b=&quot;&amp;&lt;c&gt;" statusCallback="&lt;">"""
            + """<Parameter name="token" value="&quot;/&gt;&amp;amp;" /></Stream></Connect></Response>""",
            TestTwiml.Plain(twiml));
    }

    // As it is sent: UTF-8 by its header, too, and no line more than Twilio needs.
    [Fact]
    public void Document_DeclaresWhatItIs() => Assert.Equal(
        """<?xml version="1.0" encoding="utf-8"?><Response><Reject></Reject></Response>""", TwiML.Reject().ResponseContent);
}
