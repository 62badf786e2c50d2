using System.Collections.Specialized;
using System.Text;
using Twilio.Security;
using VoiceAssistant.Calls.Signatures;

namespace VoiceAssistant.Tests.Calls.Signatures;

/// <summary>Why the validator is ours: what the one in Twilio's package says of the same requests. Once it is right about all of them, ours can go.</summary>
public sealed class TwilioValidatorTests
{
    private static readonly IReadOnlyDictionary<string, SignatureVector> Published = SignatureVector.Load("twilio-signature-vectors.json");

    /// <summary>Where the package is wrong, and only there.</summary>
    private static readonly (string Fault, Func<SignatureVector, Form, bool> Applies)[] Faults =
    [
        ("It throws where the signature is empty, as anybody can send it: an error of ours instead of a refusal.",
            static (vector, _) => vector.Signature is ""),
        // Also the other way: the last value alone may be what was signed, and whoever puts another before it is let in.
        ("It takes the form as a dictionary, which keeps one of several values, or as a collection, which joins them and takes names without their case.",
            static (vector, form) => vector.Body is null && IsValid(vector, form.Kept(vector)) != vector.Expected),
        ("It takes a port that is the scheme's own for no port, and does not try the URL without it.",
            static (vector, _) => IsSignedWithAnotherPort(vector) && new Uri(vector.Url) is { IsDefaultPort: true, OriginalString: var url } && HasPort(url)),
        ("It writes the URL anew to change the port, and an escape that need not be is lost.",
            static (vector, _) => IsSignedWithAnotherPort(vector) && vector.Url.Contains("%7E", StringComparison.Ordinal)),
    ];

    private static readonly Form Dictionary = new(
        static vector => [.. ToDictionary(vector)], static (package, vector) => package.Validate(vector.Url, ToDictionary(vector), vector.Signature));

    private static readonly Form Collection = new(
        static vector => [.. ToCollection(vector).AllKeys.Select(name => KeyValuePair.Create(name!, ToCollection(vector)[name]!))],
        static (package, vector) => package.Validate(vector.Url, ToCollection(vector), vector.Signature));

    [Theory, Trait("Proves", "T-W6")]
    [InlineData("twilio-signature-vectors.json")]
    [InlineData("twilio-node-vectors.json")]
    [InlineData(null)]
    public void Package_AgreesWithUs_ButForItsFaults(string? file)
    {
        // What .ci/run has the npm package make anew each time.
        file ??= Environment.GetEnvironmentVariable("TWILIO_NODE_VECTORS") is { Length: > 0 } fresh ? fresh : "twilio-node-vectors.json";
        var vectors = SignatureVector.Load(file).Values;

        foreach (var form in (Form[])[Dictionary, Collection])
        {
            Assert.Equal(
                vectors.Where(vector => Faults.Any(fault => fault.Applies(vector, form))).Select(vector => vector.Id),
                Misjudged(vectors, form));
        }
    }

    [Fact]
    public void Package_IsWrong_AboutThesePublishedRequests()
    {
        string[] several = ["array-order-1", "array-order-2", "duplicates"];

        Assert.Equal(several, Misjudged(Published.Values, Dictionary));
        Assert.Equal([.. several, "ordinal-sort"], Misjudged(Published.Values, Collection));
    }

    /// <summary>Each fault by one request, with what it means to a caller or to whoever would like to be one.</summary>
    [Theory]
    [InlineData(0, "https://voice.example/call", new[] { "A", "1" }, "", false)]
    [InlineData(1, "https://voice.example/call", new[] { "A", "1", "A", "2" }, "https://voice.example/callA1A2", true)]
    [InlineData(1, "https://voice.example/call", new[] { "A", "evil", "A", "1" }, "https://voice.example/callA1", false)]
    [InlineData(2, "https://voice.example:443/call", new[] { "A", "1" }, "https://voice.example/callA1", true)]
    [InlineData(3, "https://voice.example/%7Ecall", new[] { "A", "1" }, "https://voice.example:443/%7EcallA1", true)]
    public void Fault_IsSeen_InOneRequest(int fault, string url, string[] form, string signedText, bool expected)
    {
        var signature = signedText is "" ? "" : TwilioSignature.Compute("12345", signedText, []);
        var vector = new SignatureVector("", "12345", url, [.. form.Chunk(2)], null, signature, expected);

        Assert.Equal(fault, Assert.Single(Enumerable.Range(0, Faults.Length), index => Faults[index].Applies(vector, Dictionary)));
        Assert.Single(Misjudged([vector], Dictionary));
    }

    /// <returns>Of the requests about which we are right, as we have to be, those about which the package is not.</returns>
    private static IEnumerable<string> Misjudged(IEnumerable<SignatureVector> vectors, Form form)
    {
        foreach (var vector in vectors)
        {
            Assert.Equal(vector.Expected, IsValid(vector, vector.Parameters));
            if (Judge(vector, form) != vector.Expected)
            {
                yield return vector.Id;
            }
        }
    }

    private static bool? Judge(SignatureVector vector, Form form)
    {
        var package = new RequestValidator(vector.AuthToken);
        try
        {
            return vector.Body is { } body ? package.Validate(vector.Url, body, vector.Signature) : form.Judge(package, vector);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsValid(SignatureVector vector, IEnumerable<KeyValuePair<string, string>> parameters) => vector.Body is { } body
        ? TwilioSignature.IsValidBody([vector.AuthToken], vector.Url, Encoding.UTF8.GetBytes(body), vector.Signature)
        : TwilioSignature.IsValid([vector.AuthToken], vector.Url, parameters, vector.Signature);

    private static bool IsSignedWithAnotherPort(SignatureVector vector) =>
        vector.Expected && TwilioSignature.Compute(vector.AuthToken, vector.Url, vector.Parameters) != vector.Signature;

    private static bool HasPort(string url) => url.Contains(":443/", StringComparison.Ordinal) || url.Contains(":80/", StringComparison.Ordinal);

    private static Dictionary<string, string> ToDictionary(SignatureVector vector)
    {
        var dictionary = new Dictionary<string, string>();
        foreach (var (name, value) in vector.Parameters)
        {
            dictionary[name] = value;
        }

        return dictionary;
    }

    private static NameValueCollection ToCollection(SignatureVector vector)
    {
        var collection = new NameValueCollection();
        foreach (var (name, value) in vector.Parameters)
        {
            collection.Add(name, value);
        }

        return collection;
    }

    /// <param name="Kept">What of the parameters is left, given in this form.</param>
    /// <param name="Judge">What the package says of them.</param>
    private sealed record Form(Func<SignatureVector, IEnumerable<KeyValuePair<string, string>>> Kept, Func<RequestValidator, SignatureVector, bool> Judge);
}
