using System.Text.RegularExpressions;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Webhook.Calls;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>A request's form: read as a slow reader reads it; and where it is a call, no other call has the same signed text.</summary>
internal sealed partial class FormTarget : IFuzzTarget
{
    private const int MaxFields = 64;
    private const int MaxNameLength = 64;
    private const int MaxValueLength = 4096;
    private const int Cuts = 8;

    private static readonly string[] ReliedOn = ["AccountSid", "CallSid", "From", "To", "StirVerstat", "VaForwardedAt"];

    public string Name => "form";

    public IReadOnlyList<byte[]> Seeds { get; } = [.. FormSeeds.Bodies.Select(FormSeeds.Bytes)];

    public int MaxLength => (32 * 1024) + 1;

    public string Run(ReadOnlySpan<byte> input)
    {
        var plain = PlainForm.Read(input);
        using var body = new MemoryStream(input.ToArray());
        var http = new DefaultHttpContext { Request = { ContentType = "application/x-www-form-urlencoded", Body = body } };

        if (AtOnce.Result(TwilioForm.ReadAsync(http.Request, CancellationToken.None)) is not { } form)
        {
            FindingException.ThrowIf(
                input.Length <= MaxNameLength, "A form within the limits is refused.");
            return "no form";
        }

        FindingException.ThrowIf(
            form.Fields.Count > MaxFields || form.Fields.Any(field => field.Key.Length > MaxNameLength || field.Value.Length > MaxValueLength), "A form beyond the limits is read.");
        // Framework and standard differ about a byte order mark and about names without their equals sign; the signature is for what the framework reads.
        if (!PlainForm.IsPlain(input))
        {
            plain = [.. form.Fields];
        }

        FindingException.ThrowIf(!form.Fields.SequenceEqual(plain), "The form is another one.");
        if (IncomingCall.Read(form, "", out _) is not { } call)
        {
            return $"no call{string.Concat(ReliedOn.Select(name => form.Single(name) is null ? "-" : "+"))}";
        }

        FindingException.ThrowIf(
            Only(plain, "CallSid") != call.CallSid || Only(plain, "AccountSid") != call.AccountSid
                || Party.Parse(Only(plain, "From"))?.Text != call.From || (call.To is not "" && Party.Parse(Only(plain, "To"))?.Text != call.To),
            "The call is another one.");
        CheckCuts(input, form, call);
        return $"call of {plain.Length} fields";
    }

    private static void CheckCuts(ReadOnlySpan<byte> input, TwilioForm form, IncomingCall call)
    {
        var text = TwilioSignature.Concatenate(form.Fields);
        var resplits = new Resplits(new Random(unchecked((int)Hash(input))));
        for (var i = 0; i < Cuts; i++)
        {
            if (resplits.TryCut(text) is not { } cut || IncomingCall.Read(new TwilioForm(cut), "", out _) is not { } other)
            {
                continue;
            }

            FindingException.ThrowIf(TwilioSignature.Concatenate(cut) != text, "A cut has another text.");
            FindingException.ThrowIf(other with { Verstat = call.Verstat } != call, "Another call has the same signature.");
            // A field of another name may be folded into the attestation; then it is none that anybody trusts.
            FindingException.ThrowIf(
                Attestation().IsMatch(call.Verstat ?? "") && (other.IsSpoofed != call.IsSpoofed || (other.Verstat != call.Verstat && Attestation().IsMatch(other.Verstat ?? ""))),
                "Another attestation has the same signature.");
        }
    }

    private static string? Only(IReadOnlyList<KeyValuePair<string, string>> fields, string name) =>
        fields.Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList() is [var field] && field.Key == name ? field.Value : null;

    // The same on every run, as HashCode is not.
    private static uint Hash(ReadOnlySpan<byte> input)
    {
        var hash = 2166136261;
        foreach (var value in input)
        {
            hash = unchecked((hash ^ value) * 16777619);
        }

        return hash;
    }

    // https://www.twilio.com/docs/voice/trusted-calling-with-shakenstir
    [GeneratedRegex(@"^(TN-Validation-(Passed|Failed)(-[ABC](-Diverted|-Passthrough)?)?|No-TN-Validation)\z")]
    private static partial Regex Attestation();
}
