using System.Net;
using System.Text;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Webhook.Signatures;

public sealed class TwilioSignatureFilterTests(WebhookFixture fixture) : IClassFixture<WebhookFixture>
{
    private static readonly TwilioRequest Genuine = TwilioRequest.IncomingCall;

    private static readonly Dictionary<string, (HttpStatusCode Expected, Func<HttpRequestMessage> Create)> Forgeries = new()
    {
        ["no signature"] = (HttpStatusCode.Forbidden, () => Signed(null)),
        ["empty signature"] = (HttpStatusCode.Forbidden, () => Signed("")),
        ["not Base64"] = (HttpStatusCode.Forbidden, () => Signed(new string('?', 28))),
        ["short signature"] = (HttpStatusCode.Forbidden, () => Signed(Genuine.Signature[..27])),
        ["long signature"] = (HttpStatusCode.Forbidden, () => Signed(Genuine.Signature + "=")),
        ["signature of nothing"] = (HttpStatusCode.Forbidden, () => Signed(Convert.ToBase64String(new byte[20]))),
        ["other token"] = (HttpStatusCode.Forbidden, (Genuine with { AuthToken = "54321" }).ToMessage),
        ["other host"] = (HttpStatusCode.Forbidden, (Genuine with { SignedUrl = "https://evil.example/incoming-call" }).ToMessage),
        ["other scheme"] = (HttpStatusCode.Forbidden, (Genuine with { SignedUrl = "http://voice.example/incoming-call" }).ToMessage),
        ["other port"] = (HttpStatusCode.Forbidden, (Genuine with { SignedUrl = "https://voice.example:80/incoming-call" }).ToMessage),
        ["signed for the other endpoint"] = (HttpStatusCode.Forbidden, (Genuine with { SignedUrl = "https://voice.example/stream-ended" }).ToMessage),
        ["signed for the stream"] = (HttpStatusCode.Forbidden, (Genuine with { SignedUrl = "wss://voice.example/media-stream", SignedFields = [] }).ToMessage),
        ["value changed"] = (HttpStatusCode.Forbidden, (Genuine with { Fields = Genuine.Fields.With("From", "+14155550111") }).ToMessage),
        ["value trimmed"] = (HttpStatusCode.Forbidden, (Genuine with { SignedFields = Genuine.Fields.With("CallerZip", "94105 ") }).ToMessage),
        ["field added"] = (HttpStatusCode.Forbidden, (Genuine with { Fields = Genuine.Fields.With("Extra", "") }).ToMessage),
        ["field removed"] = (HttpStatusCode.Forbidden, (Genuine with { Fields = Genuine.Fields.Without("StirVerstat") }).ToMessage),
        ["name's case changed"] = (HttpStatusCode.Forbidden, (Genuine with { Fields = Genuine.Fields.Without("To").With("TO", CallForm.To) }).ToMessage),
        ["no body"] = (HttpStatusCode.Forbidden, () => With(null)),
        ["JSON"] = (HttpStatusCode.Forbidden, () => With(new StringContent("{}", Encoding.UTF8, "application/json"))),
        ["JSON, signed as Twilio signs it"] = (HttpStatusCode.Forbidden, SignedJson),
        ["multipart"] = (HttpStatusCode.Forbidden, () => With(Multipart())),
        ["text"] = (HttpStatusCode.Forbidden, () => With(new StringContent(FormText(), Encoding.UTF8, "text/plain"))),
        ["GET"] = (HttpStatusCode.MethodNotAllowed, () => By(HttpMethod.Get)),
        ["HEAD"] = (HttpStatusCode.MethodNotAllowed, () => By(HttpMethod.Head)),
        ["PUT"] = (HttpStatusCode.MethodNotAllowed, () => By(HttpMethod.Put)),
        ["trailing slash"] = (HttpStatusCode.NotFound, (Genuine with { Path = "/incoming-call/" }).ToMessage),
        ["trailing slash, signed"] = (HttpStatusCode.NotFound, new TwilioRequest("/incoming-call/", Genuine.Fields).ToMessage),
        ["encoded slash"] = (HttpStatusCode.NotFound, (Genuine with { Path = "/incoming-call%2F" }).ToMessage),
        ["other case"] = (HttpStatusCode.NotFound, (Genuine with { Path = "/Incoming-Call" }).ToMessage),
        ["query added"] = (HttpStatusCode.Forbidden, (Genuine with { Path = "/incoming-call?a=b" }).ToMessage),
        ["empty query"] = (HttpStatusCode.Forbidden, (Genuine with { Path = "/incoming-call?" }).ToMessage),
        ["query added, signed"] = (HttpStatusCode.Forbidden, new TwilioRequest("/incoming-call?a=b", Genuine.Fields).ToMessage),
        ["fields in a signed query"] = (HttpStatusCode.Forbidden, new TwilioRequest("/incoming-call?CallerName=AccountSid", Genuine.Fields).ToMessage),
        ["other path"] = (HttpStatusCode.NotFound, (Genuine with { Path = "/" }).ToMessage),
    };

    // What the webhook asked Redis before the test.
    private readonly int _commands = fixture.Redis.Count("va:");

    public static TheoryData<string> Names => [.. Forgeries.Keys];

    [Theory, Trait("Proves", "T-W1"), Trait("Proves", "T-W8")]
    [MemberData(nameof(Names))]
    public async Task Request_IsRefusedWithoutAWord_WhenItIsNotTwilios(string forgery)
    {
        var (expected, create) = Forgeries[forgery];

        using var response = await fixture.Webhook.SendAsync(create());

        Assert.Equal(expected, response.StatusCode);
        if (forgery is "HEAD")
        {
            Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestTimeout.Token));
        }
        else
        {
            await RefusalBody.AssertSaysNothingElseAsync(response);
        }

        Assert.Equal(_commands, fixture.Redis.Count("va:"));
    }

    [Fact, Trait("Proves", "T-W1")]
    public async Task Request_IsRefused_WithTwoSignatures()
    {
        var response = await SendRawAsync(
            $"""
            POST /incoming-call HTTP/1.1
            Host: voice.example
            Connection: close
            Content-Type: application/x-www-form-urlencoded
            X-Twilio-Signature: {Genuine.Signature}
            X-Twilio-Signature: {Genuine.Signature}
            Content-Length: {FormText().Length}

            {FormText()}
            """);

        Assert.StartsWith("HTTP/1.1 403", response, StringComparison.Ordinal);
        Assert.Contains(RefusalBody.Of(HttpStatusCode.Forbidden), response, StringComparison.Ordinal);
        Assert.Equal(_commands, fixture.Redis.Count("va:"));
    }

    // A stranger must not make us wait: this body never comes.
    [Fact, Trait("Proves", "T-W10")]
    public async Task Request_IsRefusedBeforeItsBody_WithoutASignature()
    {
        using var reader = new StreamReader(await fixture.Webhook.SendRawAsync(
            "POST /incoming-call HTTP/1.1\r\nHost: voice.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"));

        Assert.Equal("HTTP/1.1 403 Forbidden", await reader.ReadLineAsync(TestTimeout.Token));
    }

    [Fact, Trait("Proves", "T-W1")]
    public async Task Request_IsRefused_WhenItsHeadersAreHuge()
    {
        using var response = await fixture.Webhook.SendAsync(Signed(new string('A', 1024 * 1024)));

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, response.StatusCode);
    }

    [Theory, Trait("Proves", "T-W10")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_IsRefused_WhenItsBodyIsLong(bool chunked)
    {
        var fields = Enumerable.Range(0, 20).Select(n => KeyValuePair.Create($"A{n}", new string('a', 2000)));
        var request = new TwilioRequest("/incoming-call", [.. Genuine.Fields, .. fields]).ToMessage();
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await fixture.Webhook.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        await RefusalBody.AssertSaysNothingElseAsync(response);
    }

    [Theory]
    [InlineData("POST /incoming-call HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")]
    [InlineData("POST /incoming-call HTTP/1.1\r\nHost: a\r\nX-Twilio-Signature: a\r\n"
        + "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("POST /incoming-call HTTP/1.1\r\n\r\n")]
    [InlineData("POST https://voice.example/incoming-call HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")]
    public async Task Request_IsRefused_WhenItIsNotHttp(string request)
    {
        using var reader = new StreamReader(await fixture.Webhook.SendRawAsync(request));

        Assert.Matches(@"\AHTTP/1.1 40[03] ", await reader.ReadLineAsync(TestTimeout.Token));
    }

    [Fact]
    public async Task Caller_MayHangUp_InTheMiddleOfTheBody()
    {
        var stream = await fixture.Webhook.SendRawAsync(
            $"POST /incoming-call HTTP/1.1\r\nHost: a\r\nX-Twilio-Signature: {Genuine.Signature}\r\n"
            + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
        // The server asks for the body once the filter reads it.
        using (var reader = new StreamReader(stream))
        {
            Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync(TestTimeout.Token));
            stream.Socket.LingerState = new(enable: true, seconds: 0);
        }

        using var next = await fixture.Webhook.SendAsync(Signed(null));
        Assert.Equal(HttpStatusCode.Forbidden, next.StatusCode);
        Assert.Empty(fixture.Webhook.Log.Errors);
    }

    // Who fills the log hides in it, and somebody pays for it by the line.
    [Fact, Trait("Proves", "T-W10")]
    public async Task Forgeries_AreLogged_OnceAMinute()
    {
        await using var webhook = await WebhookHost.StartAsync(fixture.Redis.ConnectionString);
        async Task ForgeAsync() => (await webhook.SendAsync(Genuine with { AuthToken = "54321" })).Dispose();
        IEnumerable<string> Warnings() => webhook.Log.All.Where(line => line.Text.Contains("[WrongSignature]", StringComparison.Ordinal)).Select(line => line.Text);

        await ForgeAsync();
        await ForgeAsync();
        await ForgeAsync();
        Assert.Contains("(0 more since", Assert.Single(Warnings()), StringComparison.Ordinal);

        webhook.Time.Advance(TimeSpan.FromMinutes(1));
        await ForgeAsync();
        Assert.Contains("(2 more since", Warnings().Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_IsLogged_ThatIsSecretOrPersonal()
    {
        foreach (var (_, create) in Forgeries.Values)
        {
            (await fixture.Webhook.SendAsync(create())).Dispose();
        }

        var lines = fixture.Webhook.Log.Lines.ToList();
        Assert.Contains(lines, line => line.Contains("PUBLIC_URL", StringComparison.Ordinal));
        Assert.All(
            [Genuine.Signature, WebhookHost.AuthToken, CallForm.From, CallForm.To, "Ñandú"],
            secret => Assert.DoesNotContain(lines, line => line.Contains(secret, StringComparison.Ordinal)));
    }

    private static HttpRequestMessage Signed(string? signature)
    {
        var request = Genuine.ToMessage();
        request.Headers.Remove(TwilioSignature.HeaderName);
        if (signature is not null)
        {
            request.Headers.Add(TwilioSignature.HeaderName, signature);
        }

        return request;
    }

    private static HttpRequestMessage With(HttpContent? content)
    {
        var request = Genuine.ToMessage();
        request.Content = content;
        return request;
    }

    private static HttpRequestMessage By(HttpMethod method)
    {
        var request = (Genuine with { SignedFields = [] }).ToMessage();
        request.Method = method;
        request.Content = null;
        return request;
    }

    private static HttpRequestMessage SignedJson()
    {
        const string Path = "/incoming-call?bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        var request = new TwilioRequest(Path, []).ToMessage();
        request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        return request;
    }

    private static MultipartFormDataContent Multipart()
    {
        var content = new MultipartFormDataContent();
        foreach (var (name, value) in Genuine.Fields)
        {
            content.Add(new StringContent(value), name);
        }

        return content;
    }

    private static string FormText() => string.Join('&', Genuine.Fields.Select(field => $"{field.Key}={Uri.EscapeDataString(field.Value)}"));

    private async Task<string> SendRawAsync(string request)
    {
        using var reader = new StreamReader(await fixture.Webhook.SendRawAsync(request.ReplaceLineEndings("\r\n")));
        return await reader.ReadToEndAsync(TestTimeout.Token);
    }
}
