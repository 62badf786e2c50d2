using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

[Trait("Proves", "T-M1")]
public sealed class HandshakeSignaturesTests
{
    private const string Url = "wss://voice.example.com/twilio/media";

    [Fact]
    public void Forms_AreThoseOfEitherScheme_WithoutAndWithThePortAndTheSlash() => Assert.Equal(
        [
            "wss://voice.example.com/twilio/media", "wss://voice.example.com/twilio/media/",
            "wss://voice.example.com:443/twilio/media", "wss://voice.example.com:443/twilio/media/",
            "https://voice.example.com/twilio/media", "https://voice.example.com/twilio/media/",
            "https://voice.example.com:443/twilio/media", "https://voice.example.com:443/twilio/media/",
        ],
        HandshakeSignatures.Forms(Url));

    [Fact]
    public void Forms_HaveTheConfiguredPort_BesideTheOthers() => Assert.Equal(
        [
            "wss://Voice.example/media-stream", "wss://Voice.example/media-stream/",
            "wss://Voice.example:443/media-stream", "wss://Voice.example:443/media-stream/",
            "wss://Voice.example:8443/media-stream", "wss://Voice.example:8443/media-stream/",
            "https://Voice.example/media-stream", "https://Voice.example/media-stream/",
            "https://Voice.example:443/media-stream", "https://Voice.example:443/media-stream/",
            "https://Voice.example:8443/media-stream", "https://Voice.example:8443/media-stream/",
        ],
        HandshakeSignatures.Forms("wss://Voice.example:8443/media-stream"));

    // The phone on this machine signs as Twilio does, and calls without encryption.
    [Theory]
    [InlineData("ws://localhost:5050/media-stream", "ws://localhost:5050/media-stream")]
    [InlineData("ws://127.0.0.1/media-stream", "http://127.0.0.1:80/media-stream")]
    [InlineData("ws://[::1]:5050/media-stream", "ws://[::1]:5050/media-stream/")]
    [InlineData("ws://[::1]/media-stream", "ws://[::1]/media-stream")]
    public void Forms_AreNotEncrypted_OnThisMachine(string url, string form)
    {
        Assert.Contains(form, HandshakeSignatures.Forms(url));
        Assert.DoesNotContain(HandshakeSignatures.Forms(url), other => other.StartsWith("wss", StringComparison.Ordinal) || other.StartsWith("https", StringComparison.Ordinal));
    }

    // PROTOCOL B.4, computed by another implementation.
    [Theory]
    [InlineData("PGLrn08/Ba1sEIuSwPQRBPD54PA=", "wss://voice.example.com/twilio/media")]
    [InlineData("O4P2Ggul8e4hQEZViN+aHilXfFo=", "https://voice.example.com/twilio/media")]
    [InlineData("/l2QA+p8VR0Ejy/AIlzbV7YZXIA=", "wss://voice.example.com/twilio/media/")]
    [InlineData("EX6xiRCCL18BRNACNfLPbIXryf4=", "wss://voice.example.com:443/twilio/media")]
    public void Signature_TellsWhichFormWasSigned(string signature, string form) =>
        Assert.Equal(form, new HandshakeSignatures(Url, ["12345"]).Match(signature));

    [Fact]
    public void Signature_MatchesInEveryForm_WithEveryToken()
    {
        var signatures = new HandshakeSignatures(Url, ["current", "next"]);

        foreach (var form in HandshakeSignatures.Forms(Url))
        {
            Assert.Equal(form, signatures.Match(TwilioSignature.Compute("current", form, [])));
            Assert.Equal(form, signatures.Match(TwilioSignature.Compute("next", form, [])));
            Assert.Null(signatures.Match(TwilioSignature.Compute("former", form, [])));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("PGLrn08/Ba1sEIuSwPQRBPD54PA")]
    [InlineData("PGLrn08/Ba1sEIuSwPQRBPD54PB=")]
    [InlineData("pGLrn08/Ba1sEIuSwPQRBPD54PA=")]
    [InlineData("PGLrn08/Ba1sEIuSwPQRBPD54PA= ")]
    [InlineData("PGLrn08/Ba1sEIuSwPQRBPD54PA=,PGLrn08/Ba1sEIuSwPQRBPD54PA=")]
    [InlineData("ÿGLrn08/Ba1sEIuSwPQRBPD54PA=")]
    public void Signature_IsNoMatch_WhereItDiffersInOneCharacter(string signature) =>
        Assert.Null(new HandshakeSignatures(Url, ["12345"]).Match(signature));

    [Theory]
    [InlineData("wss://voice.example.com/twilio")]
    [InlineData("wss://voice.example.com/twilio/media?x=1")]
    [InlineData("wss://voice.example.com/twilio/media//")]
    [InlineData("wss://Voice.example.com/twilio/media")]
    [InlineData("wss://evil.example/twilio/media")]
    [InlineData("ws://voice.example.com/twilio/media")]
    [InlineData("wss://voice.example.com:80/twilio/media")]
    public void Signature_IsNoMatch_ForAnotherUrl(string url) =>
        Assert.Null(new HandshakeSignatures(Url, ["12345"]).Match(TwilioSignature.Compute("12345", url, [])));
}
