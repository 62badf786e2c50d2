using System.Collections;
using System.Text;
using System.Text.Json;
using VoiceAssistant.Calls.Signatures;

namespace VoiceAssistant.Tests.Calls.Signatures;

public sealed class TwilioSignatureTests
{
    private const string Url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    private const string AuthToken = "12345";
    private const string Signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

    private static readonly KeyValuePair<string, string>[] Parameters =
    [
        new("CallSid", "CA1234567890ABCDE"), new("Caller", "+14158675309"), new("Digits", "1234"), new("From", "+14158675309"), new("To", "+18005551212"),
    ];

    // From the tests and documents of Twilio's libraries for Node, Python and C#.
    private static readonly IReadOnlyDictionary<string, SignatureVector> Published = SignatureVector.Load("twilio-signature-vectors.json");

    // What twilio-node says of random requests, right and spoilt.
    private static readonly IReadOnlyDictionary<string, SignatureVector> Node = SignatureVector.Load("twilio-node-vectors.json");

    public static TheoryData<string> PublishedIds => [.. Published.Keys];

    public static TheoryData<string> NodeIds => [.. Node.Keys];

    [Fact]
    public void Vectors_AreAllThere()
    {
        Assert.Equal(35, Published.Count);
        Assert.Equal(200, Node.Count);
    }

    [Theory]
    [MemberData(nameof(PublishedIds))]
    public void Published_IsJudged_AsTwiliosLibrariesDo(string id) => Assert.Equal(Published[id].Expected, IsValid(Published[id]));

    [Theory, Trait("Proves", "T-W6")]
    [MemberData(nameof(NodeIds))]
    public void Random_IsJudged_AsTwilioNodeDoes(string id) => Assert.Equal(Node[id].Expected, IsValid(Node[id]));

    /// <summary>Two thousand more, which .ci/run has the twilio package make anew each time; without them, those above once more.</summary>
    [Fact, Trait("Proves", "T-W6")]
    public void Fresh_AreJudged_AsTwilioNodeDoes()
    {
        var fresh = Environment.GetEnvironmentVariable("TWILIO_NODE_VECTORS") is { Length: > 0 } file ? SignatureVector.Load(file) : Node;

        Assert.Empty(fresh.Values.Where(vector => IsValid(vector) != vector.Expected).Select(vector => JsonSerializer.Serialize(vector)));
        Assert.Contains(fresh.Values, vector => vector.Expected);
    }

    [Fact]
    public void Computed_IsValid() => Assert.Equal(Signature, TwilioSignature.Compute(AuthToken, Url, Parameters));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("RSOYDt4T1cUTdK1PDd93/VVr8B8")]
    [InlineData("RSOYDt4T1cUTdK1PDd93/VVr8B8= ")]
    [InlineData("RSOYDt4T1cUTdK1PDd93/VVr8A==")]
    [InlineData("RSOYDt4T1cUTdK1PDd93/VVr8B8A")]
    [InlineData("RSOYDt4T1cUTdK1PDd93_VVr8B8=")]
    [InlineData("RSOYDt4T1cUTdK1PDd93/VVr8B8\u0100")]
    [InlineData("                            ")]
    [InlineData("====                        ")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("rsoyDt4T1cUTdK1PDd93/VVr8B8=")]
    [InlineData("RSOYDt4T1cUTdK1PDd93/VVr8B9=")]
    public void Signature_IsRefused_WhenMalformedOrWrong(string? signature) =>
        Assert.False(TwilioSignature.IsValid([AuthToken], Url, Parameters, signature));

    [Fact]
    public void Signature_IsRefused_WhenLong() =>
        Assert.False(TwilioSignature.IsValid([AuthToken], Url, Parameters, new string('A', 1024 * 1024)));

    [Theory]
    [InlineData(true, AuthToken)]
    [InlineData(true, AuthToken, "next")]
    [InlineData(true, "previous", AuthToken)]
    [InlineData(false, "previous", "next")]
    [InlineData(false, "")]
    [InlineData(false)]
    public void Signature_IsValid_WithAnyOfTheTokens(bool expected, params string[] authTokens) =>
        Assert.Equal(expected, TwilioSignature.IsValid(authTokens, Url, Parameters, Signature));

    [Fact, Trait("Proves", "T-W3")]
    public void EveryToken_IsTried_AfterOneHasMatched()
    {
        var read = new List<string>();
        var authTokens = new ReadWatch([AuthToken, "next", "after next"], read);

        Assert.True(TwilioSignature.IsValid(authTokens, Url, Parameters, Signature));

        Assert.Equal([AuthToken, "next", "after next"], read);
    }

    [Theory]
    [InlineData("https://[2001:db8::1]/call", "https://[2001:db8::1]:443/call")]
    [InlineData("https://[2001:db8::1]:8443/call", "https://[2001:db8::1]/call")]
    [InlineData("https://host", "https://host:443")]
    [InlineData("https://host?a=b:1", "https://host:443?a=b:1")]
    [InlineData("wss://host/media-stream", "wss://host:443/media-stream")]
    [InlineData("ws://host/media-stream", "ws://host:80/media-stream")]
    [InlineData("https://user:1234@host/call", "https://user:1234@host:443/call")]
    public void Url_IsTried_WithAndWithoutItsPort(string url, string signedUrl) =>
        Assert.True(TwilioSignature.IsValid([AuthToken], url, [], TwilioSignature.Compute(AuthToken, signedUrl, [])));

    [Theory]
    [InlineData("https://host/call", "https://host:80/call")]
    [InlineData("https://host:8443/call", "https://host:443/call")]
    [InlineData("https://host/call", "http://host/call")]
    [InlineData("https://host/call", "https://host/call/")]
    [InlineData("https://host/call", "https://host/Call")]
    [InlineData("https://host/a:1/b", "https://host/a/b")]
    [InlineData("https://host", "https://hos")]
    public void Url_IsRefused_WhenAnotherWasSigned(string url, string signedUrl) =>
        Assert.False(TwilioSignature.IsValid([AuthToken], url, [], TwilioSignature.Compute(AuthToken, signedUrl, [])));

    [Theory]
    [InlineData("")]
    [InlineData("no url")]
    [InlineData("://")]
    [InlineData("://:@")]
    [InlineData("https://")]
    public void Url_DoesNotThrow_WhenItIsNone(string url) =>
        Assert.False(TwilioSignature.IsValid([AuthToken], url, [], Signature));

    private static bool IsValid(SignatureVector vector) => vector.Body is null
        ? TwilioSignature.IsValid([vector.AuthToken], vector.Url, vector.Parameters, vector.Signature)
        : TwilioSignature.IsValidBody([vector.AuthToken], vector.Url, Encoding.UTF8.GetBytes(vector.Body), vector.Signature);

    private sealed class ReadWatch(IReadOnlyList<string> items, List<string> read) : IReadOnlyList<string>
    {
        public int Count => items.Count;

        public string this[int index]
        {
            get
            {
                read.Add(items[index]);
                return items[index];
            }
        }

        public IEnumerator<string> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
