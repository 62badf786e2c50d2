using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Webhook.Calls;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Tests.Webhook.Calls;

using Fields = IReadOnlyList<KeyValuePair<string, string>>;

public sealed class IncomingCallTests
{
    private const string CallSid = FakeTwilioStream.CallSid;
    private const string AccountSid = FakeTwilioStream.AccountSid;

    [Fact]
    public void Call_IsRead() =>
        Assert.Equal(new IncomingCall(CallSid, AccountSid, CallForm.From, CallForm.To, "TN-Validation-Passed-A", CallForm.ForwardedAt.ToUnixTimeSeconds()), Read(CallForm.Inbound));

    [Theory]
    [InlineData("Anonymous", "anonymous")]
    [InlineData("anonymous", "anonymous")]
    [InlineData("Restricted", "anonymous")]
    [InlineData("unknown", "anonymous")]
    [InlineData("Unavailable", "anonymous")]
    [InlineData("blocked", "anonymous")]
    [InlineData("+266696687", "anonymous")]
    [InlineData("+7378742833", "anonymous")]
    [InlineData("+2562533", "anonymous")]
    [InlineData("+8656696", "anonymous")]
    [InlineData("+86282452253", "anonymous")]
    [InlineData("+442071838750", "+442071838750")]
    [InlineData("+123456789012345", "+123456789012345")]
    public void Caller_MayHideTheirNumber_OrLiveAnywhere(string from, string expected) =>
        Assert.Equal(expected, Read(CallForm.Inbound.With("From", from))?.From);

    // As Twilio writes them, each party twice.
    [Theory]
    [InlineData("client:alice", "", "client:alice", "")]
    [InlineData("client:alice", "+14155550111", "client:alice", "")]
    [InlineData("client:alice", "bob", "client:alice", "")]
    [InlineData("sip:bob@Sip.example;user=phone", "sip:voice@SIP.example:5060", "sip:bob@sip.example", "sip:voice@sip.example")]
    [InlineData("sip:anonymous@anonymous.invalid", "sip:voice@sip.example", "anonymous", "sip:voice@sip.example")]
    [InlineData("+14155550100", "sip:voice@sip.example", "+14155550100", "sip:voice@sip.example")]
    [InlineData("whatsapp:+14155550100", "whatsapp:+18005550199", "whatsapp:+14155550100", "whatsapp:+18005550199")]
    [InlineData("sim:DE0123456789abcdef0123456789abcdef", "+18005550199", "sim:DE0123456789abcdef0123456789abcdef", "+18005550199")]
    public void Party_NeedBeNoTelephone(string from, string to, string expectedFrom, string expectedTo)
    {
        var call = Read(Between(from, to).With("SipHeader_X-Twilio-CallSid", "CAffffffffffffffffffffffffffffffff").With("SipHeader_X-Customer_1.a", "7"));

        Assert.Equal((expectedFrom, expectedTo), (call?.From, call?.To));
    }

    // Whose page could have added it.
    [Fact, Trait("Proves", "T-C1")]
    public void Client_IsNotVouchedFor() => Assert.Equal("TN-Validation-Passed-A,", string.Join(',', Read(CallForm.Inbound)!.Verstat, Read(Between("client:alice", ""))!.Verstat));

    [Fact]
    public void ClientsCall_IsRead_WithoutACallee() => Assert.NotNull(Read(Between("client:alice", "").Without("To").Without("Called")));

    [Theory]
    [InlineData("CallSid", "CA", "CallSid is")]
    [InlineData("AccountSid", "none", "AccountSid is missing")]
    [InlineData("Direction", "outbound-api", "Direction is not inbound")]
    [InlineData("From", "tel:+14155550100", "From is")]
    [InlineData("From", "client:alice", "Caller is not the same as From")]
    [InlineData("FromCity", "XCallersip:eve@sip.example", "Caller can be read in more than one place")]
    [InlineData("To", "", "To is")]
    [InlineData("To", "anonymous", "To is")]
    [InlineData("To", "sip:bob@sip.example", "Called is not the same as To")]
    [InlineData("VaForwardedAt", "soon", "VaForwardedAt is not a number of seconds")]
    [InlineData("To.4155550111.City", "", "a field is there twice")]
    [InlineData("FromCity", "", "fromcity is there twice")]
    [InlineData("4155550111", "", "a field has a name that Twilio does not give")]
    [InlineData("FromCity", "XTo+14155550111", "To can be read in more than one place")]
    [InlineData("FromCity", "VaForwardedAt1", "VaForwardedAt can be read in more than one place")]
    public void Refusal_NamesTheField_AndNoValue(string name, string value, string expected)
    {
        var form = CallForm.Inbound.With(name, value);
        Assert.Null(IncomingCall.Read(new TwilioForm(expected.EndsWith("there twice", StringComparison.Ordinal) ? [.. form, new(name.ToLowerInvariant(), value)] : form), "", out var fault));

        Assert.StartsWith(expected, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("4155550111", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("eve@", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Refusal_NamesTheAccount_WhereItIsAnother()
    {
        Assert.Null(IncomingCall.Read(new TwilioForm(CallForm.Inbound), "AC00000000000000000000000000000001", out var fault));

        Assert.Equal("AccountSid is not TWILIO_ACCOUNT_SID", fault);
    }

    [Theory, Trait("Proves", "T-W4")]
    [InlineData("CallSid")]
    [InlineData("AccountSid")]
    [InlineData("From")]
    [InlineData("To")]
    [InlineData("Direction")]
    public void Field_IsRequired_OnceAndInThisCase(string name)
    {
        var value = CallForm.Inbound.Single(field => field.Key == name).Value;

        Assert.Null(Read(CallForm.Inbound.Without(name)));
        Assert.Null(Read([.. CallForm.Inbound, new(name, value)]));
        Assert.Null(Read([.. CallForm.Inbound, new(name, "other")]));
        Assert.Null(Read([.. CallForm.Inbound, new(name.ToUpperInvariant(), value)]));
        Assert.Null(Read([new(name.ToUpperInvariant(), value), .. CallForm.Inbound]));
        Assert.Null(Read(CallForm.Inbound.Without(name).With(name.ToUpperInvariant(), value)));
        Assert.Null(Read(CallForm.Inbound.With(name, "")));
        Assert.Null(Read(CallForm.Inbound.With(name, value + "\n")));
        Assert.Null(Read(CallForm.Inbound.With(name, value + " ")));
        Assert.Null(Read(CallForm.Inbound.With(name, " " + value)));
        Assert.Null(Read(CallForm.Inbound.With(name, value + "," + value)));
    }

    [Theory]
    [InlineData("CallSid", "CA0123456789abcdef0123456789abcde")]
    [InlineData("CallSid", "CA0123456789abcdef0123456789abcdef0")]
    [InlineData("CallSid", "CA0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("CallSid", "ca0123456789abcdef0123456789abcdef")]
    [InlineData("CallSid", "CA0123456789abcdef0123456789abcdeg")]
    [InlineData("CallSid", "AC0123456789abcdef0123456789abcdef")]
    [InlineData("AccountSid", "CA0123456789abcdef0123456789abcdef")]
    [InlineData("AccountSid", "AC0123456789abcdef0123456789abcde")]
    [InlineData("AccountSid", "AC\u0660123456789abcdef0123456789abcdef")]
    [InlineData("From", "14155550100")]
    [InlineData("From", "+")]
    [InlineData("From", "+1")]
    [InlineData("From", "+0415555010")]
    [InlineData("From", "+1415555010012345")]
    [InlineData("From", "+1415555o100")]
    [InlineData("From", "+1415555\u0661\u0662")]
    [InlineData("From", "+1 415 555 0100")]
    // Neither is its own twin.
    [InlineData("From", "sip:+14155550100@voice.example")]
    [InlineData("From", "client:alice")]
    [InlineData("From", "whatsapp:14155550100")]
    [InlineData("From", "tel:+14155550100")]
    [InlineData("From", "alice")]
    [InlineData("From", "ANONYMOUS")]
    [InlineData("From", "Anonymous caller")]
    [InlineData("To", "anonymous")]
    [InlineData("To", "sip:voice@voice.example")]
    [InlineData("Direction", "Inbound")]
    [InlineData("Direction", "outbound-api")]
    [InlineData("Direction", "outbound-dial")]
    [InlineData("VaForwardedAt", "")]
    [InlineData("VaForwardedAt", "-1")]
    [InlineData("VaForwardedAt", "1767323045.5")]
    [InlineData("VaForwardedAt", "1767323045123")]
    [InlineData("VaForwardedAt", "soon")]
    public void Field_IsRefused_InAnotherForm(string name, string value) => Assert.Null(Read(CallForm.Inbound.With(name, value)));

    [Theory]
    [InlineData("")]
    [InlineData("1Name")]
    [InlineData("Na me")]
    [InlineData("Name=")]
    [InlineData("Nam\u00E9")]
    [InlineData("Name\n")]
    public void Name_IsRefused_ThatTwilioHasNot(string name) => Assert.Null(Read(CallForm.Inbound.With(name, "")));

    [Fact]
    public void Name_IsRefused_Twice()
    {
        Assert.Null(Read([.. CallForm.Inbound, new("ToCity", "")]));
        Assert.Null(Read([.. CallForm.Inbound, new("TOCITY", "")]));
    }

    [Theory]
    [InlineData("From", "sip:bob@example.com;x=")]
    [InlineData("StirVerstat", "TN-Validation-Passed-A")]
    public void Value_IsRefused_ThatIsKept_WhenLong(string name, string begin)
    {
        Assert.NotNull(Read(WithBoth(512)));
        Assert.Null(Read(WithBoth(513)));

        IReadOnlyList<KeyValuePair<string, string>> WithBoth(int length) =>
            name is "From" ? CallForm.Inbound.With(name, begin.PadRight(length, 'x')).With("Caller", begin.PadRight(length, 'x')) : CallForm.Inbound.With(name, begin.PadRight(length, 'x'));
    }

    [Fact]
    public void Refusal_NamesTheField_ThatIsTooLong()
    {
        Assert.Null(IncomingCall.Read(new TwilioForm(CallForm.Inbound.With("StirVerstat", "TN-".PadRight(513, 'x'))), "", out var fault));

        Assert.Equal("StirVerstat is longer than 512 characters", fault);
    }

    // The carriers' signed documents, an add-on's results, a SIP phone's header.
    [Theory]
    [InlineData("CallToken")]
    [InlineData("StirPassportToken")]
    [InlineData("AddOns")]
    [InlineData("SipHeader_Identity")]
    public void Value_MayBeLong_OfAFieldThatIsNotRead(string name) => Assert.NotNull(Read(CallForm.Inbound.With(name, new string('x', 4096))));

    // Of a client's page, or a header's.
    [Theory]
    [InlineData("Topic", "sales:eu")]
    [InlineData("Token", "user:17")]
    [InlineData("Tone", "warm: yes")]
    public void Field_IsNoOther_ThatOnlyBeginsLikeOne(string name, string value) => Assert.NotNull(Read(CallForm.Inbound.With(name, value)));

    // A page's parameter, or a PBX's header, may hold a party.
    [Theory]
    [InlineData("client:alice", "", "LeadFrom", "+14155550111")]
    [InlineData("client:alice", "", "LeadFrom", "sip:bob@sip.example")]
    [InlineData("client:alice", "+14155550111", "LeadTo", "client:bob")]
    [InlineData("sip:bob@sip.example", "sip:voice@sip.example", "SipHeader_X-To", "sip:sales@sip.example")]
    [InlineData("sip:bob@sip.example", "sip:voice@sip.example", "SipHeader_X-Original-To", "+14155550111")]
    [InlineData("sip:bob@sip.example", "sip:voice@sip.example", "SipHeader_X-From", "sip:eve@sip.example")]
    [InlineData("sips:bob@sip.example", "+14155550111", "SipHeader_X-From", "+14155550111")]
    public void Field_MayEndLikeOneOfOurs_WhereCallerAndCalledTellThemApart(string from, string to, string name, string value)
    {
        var call = Read(Between(from, to).With(name, value).With("SipHeader_X-Name", "bob"));

        Assert.Equal((Party.Parse(from)!.Text, Party.Parse(to) is { } called && !from.StartsWith("client:", StringComparison.Ordinal) ? called.Text : ""), (call?.From, call?.To));
    }

    [Theory, Trait("Proves", "T-W5")]
    [InlineData("+14155550100", "LeadFrom", "+14155550111", "From")]
    [InlineData("+14155550100", "SipHeader_X-To", "sip:sales@sip.example", "To")]
    [InlineData("client:alice", "LeadFrom", "client:bob", "From")]
    [InlineData("client:alice", "LeadCaller", "+14155550111", null)]
    [InlineData("client:alice", "LeadCaller", "client:bob", "Caller")]
    [InlineData("sip:bob@sip.example", "SipHeader_X-Caller", "sip:eve@sip.example", "Caller")]
    [InlineData("sip:bob@sip.example", "SipHeader_X", "aFromsip:eve@sip.example", "From")]
    [InlineData("sip:bob@sip.example", "SipHeader_X-CallSid", "CAffffffffffffffffffffffffffffffff", "CallSid")]
    public void Field_MayNotEndLikeOneOfOurs_WhereNothingTellsThemApart(string from, string name, string value, string? expected)
    {
        var called = from[0] is 's' ? "sip:voice@sip.example" : "+18005550199";
        var call = IncomingCall.Read(new TwilioForm(Between(from, called).With(name, value)), "", out var fault);

        Assert.Equal(expected is null ? "" : $"{expected} can be read in more than one place of what was signed", fault);
        Assert.Equal(expected is null, call is not null);
    }

    // What Twilio sends with some calls, and what it may send one day.
    [Theory]
    [InlineData("ForwardedFrom", "+14155550111")]
    [InlineData("ForwardedFrom", "")]
    [InlineData("ParentCallSid", "CAffffffffffffffffffffffffffffffff")]
    [InlineData("CallerName", "TOM FROM TO")]
    [InlineData("CallerName", "Fromm, Tom (From Toronto)")]
    [InlineData("StirVerstat", "TN-Validation-Failed-C")]
    [InlineData("StirVerstat", "No-TN-Validation")]
    [InlineData("StirVerstat", "")]
    [InlineData("SomethingNew", "+14155550111")]
    [InlineData("CallReason", "Your order")]
    public void Call_IsRead_WithOtherFields(string name, string value) => Assert.NotNull(Read(CallForm.Inbound.With(name, value)));

    [Theory]
    [InlineData("StirVerstat")]
    [InlineData("VaForwardedAt")]
    [InlineData("CallToken")]
    [InlineData("CallerName")]
    public void Call_IsRead_WithoutWhatIsOptional(string name) => Assert.NotNull(Read(CallForm.Inbound.Without(name)));

    [Fact, Trait("Proves", "T-W4")]
    public void Call_IsTaken_OfThePinnedAccountOnly()
    {
        Assert.NotNull(IncomingCall.Read(new TwilioForm(CallForm.Inbound), AccountSid, out _));
        Assert.Null(IncomingCall.Read(new TwilioForm(CallForm.Inbound), "AC00000000000000000000000000000001", out _));
    }

    [Theory, Trait("Proves", "T-C1")]
    [InlineData("TN-Validation-Failed", true)]
    [InlineData("TN-Validation-Failed-A", true)]
    [InlineData("TN-Validation-Failed-C", true)]
    [InlineData("TN-Validation-Passed-A", false)]
    [InlineData("TN-Validation-Passed-C", false)]
    [InlineData("No-TN-Validation", false)]
    [InlineData("", false)]
    public void Caller_IsSpoofed_WhereTheValidationFailed(string verstat, bool expected) =>
        Assert.Equal(expected, Read(CallForm.Inbound.With("StirVerstat", verstat))?.IsSpoofed);

    [Fact, Trait("Proves", "T-C1")]
    public void Attestation_IsAbsent_WhereTwilioSaysNothing()
    {
        Assert.Null(Read(CallForm.Inbound.Without("StirVerstat"))!.Verstat);
        Assert.Null(Read(CallForm.Inbound.With("StirVerstat", ""))!.Verstat);
        Assert.False(Read(CallForm.Inbound.Without("StirVerstat"))!.IsSpoofed);
    }

    [Fact]
    public void Text_ShowsNoNumber() => Assert.Equal("IncomingCall", $"{Read(CallForm.Inbound)}");

    // Each is the same signed text as the genuine form's, cut up otherwise (THREATS 3.4).
    [Theory, Trait("Proves", "T-W4")]
    [InlineData("StirVerstat", "FromZip", "94105StirVerstatTN-Validation-Passed-A")]
    [InlineData("StirVerstat", "FromZip94105StirVerstat", "TN-Validation-Passed-A", "FromZip")]
    [InlineData("StirVerstat", "Stir", "VerstatTN-Validation-Passed-A")]
    [InlineData("StirVerstat", "StirVerstatTN", "-Validation-Passed-A")]
    [InlineData("VaForwardedAt", "ToZip", "VaForwardedAt1767323045")]
    [InlineData("VaForwardedAt", "ToZipVaForwardedAt", "1767323045", "ToZip")]
    [InlineData("VaForwardedAt", "ToZipVaForwarded", "At1767323045", "ToZip")]
    public void Field_IsRefused_FoldedIntoItsNeighbour(string folded, string name, string value, string? neighbour = null)
    {
        var resplit = CallForm.Inbound.Without(folded).Without(neighbour ?? folded).With(name, value);
        Assert.Equal(TwilioSignature.Concatenate(CallForm.Inbound), TwilioSignature.Concatenate(resplit));

        Assert.Null(Read(resplit));
    }

    [Fact, Trait("Proves", "T-W4")]
    public void Field_IsRefused_CutInTwo()
    {
        var resplit = CallForm.Inbound.With("StirVerstat", "").With("TN", "-Validation-Passed-A");
        Assert.Equal(TwilioSignature.Concatenate(CallForm.Inbound), TwilioSignature.Concatenate(resplit));

        Assert.Null(Read(resplit));
    }

    // The caller says in another field who they would like to be.
    [Fact, Trait("Proves", "T-W4")]
    public void Field_IsRefused_CutOutOfAValue()
    {
        const string Other = "+14155550111";
        var genuine = CallForm.Inbound.With("FromCity", "XFrom" + Other);
        var resplit = genuine.Without("FromCity").With("Fro", "m" + CallForm.From + "FromCityX").With("From", Other);
        Assert.Equal(TwilioSignature.Concatenate(genuine), TwilioSignature.Concatenate(resplit));

        Assert.Null(Read(genuine));
        Assert.Null(Read(resplit));
    }

    [Fact, Trait("Proves", "T-W4")]
    public void Field_IsRefused_CutOutOfAnAddress()
    {
        const string Other = "+14155550111";
        var genuine = CallForm.Inbound.With("From", "sip:XFrom" + Other + "FromA@voice.example");
        var resplit = genuine.Without("From").With("Fro", "msip:X").With("From", Other).With("FromA", "@voice.example");
        Assert.Equal(TwilioSignature.Concatenate(genuine), TwilioSignature.Concatenate(resplit));

        Assert.Null(Read(resplit));
    }

    // The real CallSid becomes the value of a name that ends like it and sorts beside it.
    [Fact, Trait("Proves", "T-W4")]
    public void Field_IsRefused_BehindALongerName()
    {
        const string Other = "CAffffffffffffffffffffffffffffffff";
        var genuine = CallForm.Inbound.With("CallReason", "CallSid" + Other + "CallSidX");
        var resplit = CallForm.Inbound.With("CallReason", "").With("CallSid", Other).With("CallSidXCallSid", CallSid);
        Assert.Equal(TwilioSignature.Concatenate(genuine), TwilioSignature.Concatenate(resplit));

        Assert.Null(Read(genuine));
        Assert.Null(Read(resplit));
    }

    // The caller has a name that goes on like a field, and becomes somebody else.
    [Theory, Trait("Proves", "T-W4")]
    [InlineData("client:aliceFromX", "client:alice", "FromX")]
    [InlineData("client:aliceSmith", "client:alice", "Smith")]
    [InlineData("sip:bob@sip.exampleSip", "sip:bob@sip.example", "Sip")]
    public void Party_IsRefused_WithoutItsEnd(string from, string shorter, string rest)
    {
        const string Next = "SipCallId";
        var genuine = Between(from, "sip:voice@sip.example")
            .Without("FromCity").Without("FromCountry").Without("FromState").Without("FromZip").With(Next, "a1@192.0.2.1");
        var resplit = genuine.With("From", shorter).Without(Next).With(rest + Next, "a1@192.0.2.1");
        Assert.Equal(TwilioSignature.Concatenate(genuine), TwilioSignature.Concatenate(resplit));

        Assert.NotNull(Read(genuine));
        Assert.Null(Read(resplit));
    }

    // Two parties in fields of the caller's become Caller and From, and the real ones stand behind longer names.
    [Fact, Trait("Proves", "T-W5")]
    public void Number_IsNoClient_ByTwoLongerNames()
    {
        var genuine = WithoutPlaces(CallForm.Inbound).With("CalledZip", "Callerclient:eveCallerX").With("ForwardedFrom", "Fromclient:eveLead");

        AssertRefused(genuine, genuine.With("CalledZip", "").With("Caller", "client:eve").With("CallerXCaller", CallForm.From)
            .With("ForwardedFrom", "").With("From", "client:eve").With("LeadFrom", CallForm.From));
    }

    // The name goes on with a field of the page, and stands in another one.
    [Fact, Trait("Proves", "T-W5")]
    public void Client_IsNoOther_ByALongerName()
    {
        var genuine = WithoutPlaces(Between("client:alice", "")).With("Carol", "").With("Fa", "Fromclient:aliceCarolLead");

        AssertRefused(genuine, genuine.Without("Carol").With("Caller", "client:aliceCarol").With("Fa", "").With("From", "client:aliceCarol").With("LeadFrom", "client:alice"));
    }

    // The host's end becomes a field.
    [Fact, Trait("Proves", "T-W5")]
    public void SipUser_IsNoOther_ByALongerName()
    {
        var genuine = WithoutPlaces(Between("sip:bob@sip.exampleDa", "sip:voice@sip.example")).With("ForwardedFrom", "Fromsip:bob@sip.exampleSipHeader_X-");

        AssertRefused(genuine, genuine.With("Caller", "sip:bob@sip.example").With("Da", "").With("ForwardedFrom", "").With("From", "sip:bob@sip.example")
            .With("SipHeader_X-From", "sip:bob@sip.exampleDa"));
    }

    private static void AssertRefused(Fields genuine, Fields resplit)
    {
        Assert.Equal(TwilioSignature.Concatenate(genuine), TwilioSignature.Concatenate(resplit));
        Assert.Null(Read(resplit));
    }

    private static Fields WithoutPlaces(Fields form) => [.. form.Where(field => field.Key is not ("CallerCity" or "CallerCountry" or "CallerName" or "CallerState" or "CallerZip"
        or "FromCity" or "FromCountry" or "FromState" or "FromZip"))];

    private static Fields Between(string from, string to) => CallForm.Inbound.With("From", from).With("Caller", from).With("To", to).With("Called", to);

    private static IncomingCall? Read(Fields fields) => IncomingCall.Read(new TwilioForm(fields), "", out _);
}
