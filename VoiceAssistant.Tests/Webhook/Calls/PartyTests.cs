using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Tests.Webhook.Calls;

public sealed class PartyTests
{
    private const string Sim = "sim:DE0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("+14155550100", PartyKind.Number)]
    [InlineData("+266696687", PartyKind.Number)]
    [InlineData("anonymous", PartyKind.Hidden)]
    [InlineData("Restricted", PartyKind.Hidden)]
    [InlineData("sip:anonymous@anonymous.invalid", PartyKind.Hidden)]
    [InlineData("client:alice", PartyKind.Client)]
    [InlineData("client:Alice_2", PartyKind.Client)]
    [InlineData("client:user%40example.com", PartyKind.Client)]
    [InlineData("client:anna.smith@example.com", PartyKind.Client)]
    [InlineData("sip:bob@example.com", PartyKind.Sip)]
    [InlineData("sips:bob@example.com:5071", PartyKind.Sip)]
    [InlineData("sip:+14155550100@192.0.2.1", PartyKind.Sip)]
    [InlineData("sip:+14155550100@[2001:db8::1]:5070", PartyKind.Sip)]
    [InlineData("sip:pbx.example.com", PartyKind.Sip)]
    [InlineData("sip:o'neil;x=1@example.com", PartyKind.Sip)]
    [InlineData("whatsapp:+14155550100", PartyKind.WhatsApp)]
    [InlineData(Sim, PartyKind.Sim)]
    public void Party_IsTakenAsItIs(string text, object kind) => Assert.Equal(new Party((PartyKind)kind, text), Party.Parse(text));

    [Theory]
    [InlineData("sip:bob@example.com;user=phone")]
    [InlineData("sip:bob@Example.COM")]
    [InlineData("sip:bob@example.com:5060")]
    [InlineData("sip:bob@example.com:5060;transport=tcp;tag=a?subject=x&y=z")]
    [InlineData("sip:bob@EXAMPLE.com?a=sip:eve@evil.example")]
    public void SipUsers_AreOne_WhateverTheirHostsCaseAndParameters(string text) => Assert.Equal("sip:bob@example.com", Party.Parse(text)?.Text);

    [Theory]
    [InlineData("sip:Bob@example.com")]
    [InlineData("sip:bob@example.com:5061")]
    [InlineData("sips:bob@example.com")]
    [InlineData("sip:bob@example.com.evil.example")]
    [InlineData("sip:eve@evil.example;x=sip:bob@example.com")]
    [InlineData("sip:bob%20@example.com")]
    [InlineData("sip:example.com")]
    public void SipUsers_AreOthers_BySchemeUserHostOrPort(string text) =>
        Assert.NotEqual("sip:bob@example.com", Assert.IsType<Party>(Party.Parse(text)).Text);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("alice")]
    [InlineData("client:")]
    [InlineData("client:a b")]
    [InlineData("client:a\"b")]
    [InlineData("client:<a>")]
    [InlineData("client:a\n")]
    [InlineData("client:\u00FC")]
    [InlineData("Client:alice")]
    [InlineData("sip:")]
    [InlineData("sip:bob@")]
    [InlineData("sip:@example.com")]
    [InlineData("sip:bob:secret@example.com")]
    [InlineData("sip:bob@example.com@evil.example")]
    [InlineData("sip:bob@example.com:port")]
    [InlineData("sip:bob@example.com:123456")]
    [InlineData("sip:bob@ex ample.com")]
    [InlineData("sip:bob@*.example.com")]
    [InlineData("sip:bob@example.com;a b")]
    [InlineData("sip:bob@example.com\n")]
    [InlineData("SIP:bob@example.com")]
    [InlineData("\"Bob\" <sip:bob@example.com>")]
    [InlineData("tel:+14155550100")]
    [InlineData("whatsapp:14155550100")]
    [InlineData("whatsapp:+1415555o100")]
    [InlineData("sim:DE0123")]
    [InlineData("sim:HS0123456789abcdef0123456789abcdef")]
    [InlineData("https://example.com")]
    public void Text_IsNoParty_InAnyOtherForm(string? text) => Assert.Null(Party.Parse(text));

    [Fact]
    public void Client_HasAtMost256Characters()
    {
        Assert.NotNull(Party.Parse("client:" + new string('a', 256)));
        Assert.Null(Party.Parse("client:" + new string('a', 257)));
    }

    [Fact]
    public void Text_ShowsNobody() => Assert.Equal("Party", $"{Party.Parse("client:alice")}");
}
