using System.Text.Json;
using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Tests.Webhook.Calls;

/// <summary>The cases of parties.json are the Function's, too (twilio/test/allowlist.test.js).</summary>
public sealed class PartyTests
{
    private static readonly CaseTable Cases = CaseTable.Load();

    public static TheoryData<string, string> Spellings => [.. Cases.Parties.SelectMany(party => party.Value.Prepend(party.Key), (party, text) => (text, party.Key))];

    public static TheoryData<string, string> Refused => [.. Cases.Refused.Select(party => (party.Key, party.Value))];

    public static TheoryData<string> None => [.. Cases.None];

    [Theory]
    [InlineData("+14155550100", PartyKind.Number)]
    [InlineData("+266696687", PartyKind.Hidden)]
    [InlineData("Restricted", PartyKind.Hidden)]
    [InlineData("sip:anonymous@anonymous.invalid", PartyKind.Hidden)]
    [InlineData("client:alice", PartyKind.Client)]
    [InlineData("sips:bob@example.com:5071", PartyKind.Sip)]
    [InlineData("sip:pbx.example.com", PartyKind.Sip)]
    [InlineData("whatsapp:+14155550100", PartyKind.WhatsApp)]
    [InlineData("sim:DE0123456789abcdef0123456789abcdef", PartyKind.Sim)]
    public void Party_HasAKind(string text, object kind) => Assert.Equal((PartyKind)kind, Party.Parse(text)?.Kind);

    [Theory, MemberData(nameof(Spellings))]
    public void Party_HasOneText_HoweverItIsWritten(string text, string expected)
    {
        var party = Party.Parse(text);

        Assert.Equal((expected, null), (party?.Text, party?.FaultInList));
    }

    [Theory, MemberData(nameof(Refused))]
    public void Party_IsRefusedInAList_ThatIsNotOneCaller(string text, string fault) => Assert.Equal(fault, Party.Parse(text)?.FaultInList);

    [Fact]
    public void HiddenCallers_AreOne() =>
        Assert.Equal(["anonymous"], Cases.Refused.Where(party => party.Value is "a hidden caller").Select(party => Party.Parse(party.Key)!.Text).Distinct());

    [Theory, MemberData(nameof(None))]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("client:a b")]
    [InlineData("client:a\n")]
    [InlineData("sip:bob@ex ample.com")]
    [InlineData("sip:bob@example.com;a b")]
    [InlineData("sip:bob@example.com\n")]
    [InlineData("\"Bob\" <sip:bob@example.com>")]
    public void Text_IsNoParty_InAnyOtherForm(string? text) => Assert.Null(Party.Parse(text));

    [Fact]
    public void Client_HasAtMost256Characters()
    {
        Assert.NotNull(Party.Parse("client:" + new string('a', 256)));
        Assert.Null(Party.Parse("client:" + new string('a', 257)));
    }

    [Fact]
    public void Text_ShowsNobody() => Assert.Equal("Party", $"{Party.Parse("client:alice")}");

    private sealed record CaseTable(IReadOnlyDictionary<string, string[]> Parties, IReadOnlyDictionary<string, string> Refused, IReadOnlyList<string> None)
    {
        public static CaseTable Load()
        {
            using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Webhook", "Calls", "parties.json"));
            return JsonSerializer.Deserialize<CaseTable>(stream, JsonSerializerOptions.Web)!;
        }
    }
}
