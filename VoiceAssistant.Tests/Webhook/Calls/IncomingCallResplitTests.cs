using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Local.Fuzzing.Targets;
using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Webhook.Calls;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Tests.Webhook.Calls;

using Fields = IReadOnlyList<KeyValuePair<string, string>>;

/// <summary>Twilio's signature has nothing between names and values (THREATS 3.4).</summary>
public sealed class IncomingCallResplitTests(ITestOutputHelper output)
{
    private const int Forms = 1_000;
    private const int CutsPerForm = 50;

    private static readonly string[] ReliedOn = ["AccountSid", "CallSid", "From", "To", "StirVerstat", "VaForwardedAt"];

    // What a caller can bring Twilio to sign.
    private static readonly string[] CallersFields =
        ["CallReason", "CallerCity", "CallerName", "ForwardedFrom", "FromCity", "SipCallId", "SipHeader_X-From", "SipHeader_X-Name", "SipHeader_X-To", "SpeechResult", "ToCity"];

    // What a client's page can, beside those.
    private static readonly string[] PagesFields = ["CalledX", "CallerX", "Charlie", "Dir", "FromX", "LeadFrom", "LeadTo", "Phone", "SmithPhone", "ToX", "alice", "user_id"];

    private static readonly string[] Parties =
    [
        "client:al", "client:alice", "client:aliceSmith", "client:aliceCharlie", "client:aliceDir", "client:alicePhone", "client:aliceSip", "client:ali%40x.example",
        "sip:bob@sip.example", "sip:bob@sip.exampleSip", "sip:bob@SIP.example:5060;user=phone", "sips:bob@[2001:db8::1]:5071;x=PhoneTo", "sip:+14155550100@sip.example?FromX=1",
        "sip:anonymous@anonymous.invalid", "whatsapp:+14155550100", "sim:DE0123456789abcdef0123456789abcdef",
    ];

    [Fact, Trait("Proves", "T-W5")]
    public void NoCut_ChangesWhoCallsWhom() => AssertNoCutChanges(Genuine);

    // An end that does not show in the text: identities, hosts and parameters that go on with what could be the next field's name.
    [Fact, Trait("Proves", "T-W5")]
    public void NoCut_ChangesWhoCallsWhom_WhereNoTelephoneDoes() => AssertNoCutChanges(random =>
    {
        var form = AnyParty(random);
        for (var baits = random.Next(3); baits > 0; baits--)
        {
            form = form.With(Pick(random, [.. CallersFields, .. PagesFields]), random.Next(3) > 0 ? Bait(random) : Pick(random, Parties));
        }

        return form;
    });

    private void AssertNoCutChanges(Func<Random, Fields> sign)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var resplits = new Resplits(random);
        var changed = 0;

        for (var round = 0; round < Forms; round++)
        {
            var genuine = sign(random);
            var text = TwilioSignature.Concatenate(genuine);

            for (var attempt = 0; attempt < CutsPerForm; attempt++)
            {
                if (resplits.TryCut(text) is not { } cut || ReliedOn.All(name => Value(genuine, name) is not { } value || Value(cut, name) == value))
                {
                    continue;
                }

                changed++;
                Assert.Equal(text, TwilioSignature.Concatenate(cut));
                Assert.True(
                    IncomingCall.Read(new TwilioForm(cut), "", out _) is not { } other || IsTheSame(other, genuine),
                    $"Seed {seed}: signed\n{string.Join('\n', genuine)}\nbut accepted\n{string.Join('\n', cut)}");
            }
        }

        output.WriteLine($"{changed} well-formed cuts with another caller, callee, call, account or attestation");
        Assert.True(changed > Forms, $"Only {changed} cuts were worth refusing.");
    }

    // Other parameters of a SIP URI, or fields that are a client's page's, make no other call.
    private static bool IsTheSame(IncomingCall call, Fields genuine) =>
        call.CallSid == Value(genuine, "CallSid") && call.AccountSid == Value(genuine, "AccountSid")
        && (Value(genuine, "VaForwardedAt") ?? $"{call.ForwardedAt}") == $"{call.ForwardedAt}"
        && Party.Parse(Value(genuine, "From")) is { } from && call.From == from.Text
        && (from.Kind is PartyKind.Client
            ? call is { To: "", Verstat: null }
            : call.To == Party.Parse(Value(genuine, "To"))?.Text && (Value(genuine, "StirVerstat") ?? call.Verstat) == call.Verstat);

    [Fact]
    public void GenuineForm_IsRead_WhereNothingInItLooksLikeAField()
    {
        var random = new Random(1);
        for (var round = 0; round < Forms; round++)
        {
            Assert.NotNull(IncomingCall.Read(new TwilioForm(Base(random)), "", out _));
            Assert.NotNull(IncomingCall.Read(new TwilioForm(AnyParty(random)), "", out _));
        }
    }

    private static Fields AnyParty(Random random)
    {
        var from = Pick(random, Parties);
        var to = from.StartsWith("client:", StringComparison.Ordinal) && random.Next(2) == 0
            ? "" : Pick(random, [.. Parties.Where(party => !party.Contains("anonymous", StringComparison.Ordinal)), Number(random)]);

        return Base(random).With("From", from).With("Caller", from).With("To", to).With("Called", to);
    }

    private static Fields Base(Random random)
    {
        var form = CallForm.Inbound
            .With("CallSid", Sid("CA", random))
            .With("From", Pick(random, CallForm.From, Number(random), "anonymous", "+266696687"))
            .With("To", Number(random));
        form = random.Next(2) == 0 ? form : form.With("ForwardedFrom", Number(random));
        form = random.Next(4) > 0 ? form : form.With("ParentCallSid", Sid("CA", random));
        form = random.Next(3) > 0 ? form : form.Without("StirVerstat");
        form = random.Next(3) > 0 ? form : form.Without("VaForwardedAt");
        form = random.Next(3) > 0 ? form : form.Without("CallToken");

        return form;
    }

    private static Fields Genuine(Random random)
    {
        var form = Base(random);
        if (random.Next(4) == 0)
        {
            // Only such callers choose what stands there.
            var from = Pick(random, "sip:", "sip:bob@sip.example", "sips:", "client:") + Bait(random);
            form = form.With("From", from).With("Caller", from);
        }

        if (random.Next(8) == 0)
        {
            form = form.With("Direction", "outbound-api");
        }

        for (var baits = random.Next(1, 3); baits > 0; baits--)
        {
            form = form.With(Pick(random, CallersFields), Bait(random));
        }

        return form;
    }

    private static string Bait(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => Pick(random,
            "CallSid" + Sid("CA", random), "CallSid" + Sid("CA", random), "AccountSid" + Sid("AC", random), "Directioninbound", "Directionoutbound",
            "From" + Number(random), "From" + Number(random), "Fromanonymous", "To" + Number(random), "StirVerstatTN-Validation-Passed-A", "VaForwardedAt1767323099",
            "ForwardedFrom", "Forwarded", "SipHeader_X-", "SipHeader_X-From", "Lead", "Caller", "Callersip:bob@sip.example", "Fromclient:alice", "Fromsip:bob@sip.example", "ParentCallSid", "Parent", "CallSidX", "CallSid", "CallS", "From", "To", "Direction", "X", "z", "0", " ", "ü")));

    private static string Number(Random random) => $"+1415555{random.Next(10_000):0000}";

    private static string Sid(string prefix, Random random) => prefix + random.GetHexString(32, lowercase: true);

    private static string Pick(Random random, params string[] choices) => choices[random.Next(choices.Length)];

    private static string? Value(Fields fields, string name) => fields.SingleOrDefault(field => field.Key == name).Value;
}
