using Microsoft.AspNetCore.Http;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone;

public class PhoneCallTests
{
    [Fact]
    public async Task Webhook_IsRequested_AsTwilioRequestsIt()
    {
        await using var call = await DialledCall.DialAsync("<Response><Hangup/></Response>");

        var request = await call.Server.RequestAsync();

        Assert.Equal("POST", request.Method);
        Assert.Matches("^CA[0-9a-f]{32}$", call.Call.CallSid);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["CallSid"] = call.Call.CallSid,
                ["AccountSid"] = DialledCall.AccountSid,
                ["CallStatus"] = "ringing",
                ["ApiVersion"] = "2010-04-01",
                ["Direction"] = "inbound",
                ["From"] = "+15550100001",
                ["Caller"] = "+15550100001",
                ["To"] = "+15550100000",
                ["Called"] = "+15550100000",
                ["VaForwardedAt"] = "1795348800",
            },
            request.Fields.Where(field => !IsPlace(field.Key) && field.Key != "StirVerstat").ToDictionary());
        Assert.Equal(16, request.Fields.Keys.Count(IsPlace));
        Assert.True(TwilioSignature.IsValid([DialledCall.AuthToken], call.Server.Url + "/incoming-call", request.Fields, request.Signature));

        static bool IsPlace(string field) => field.EndsWith("City", StringComparison.Ordinal) || field.EndsWith("State", StringComparison.Ordinal)
            || field.EndsWith("Zip", StringComparison.Ordinal) || field.EndsWith("Country", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_IsNotKept_AsTheServerMightCloseItJustWhenItIsAskedAgain()
    {
        await using var call = await DialledCall.DialAsync("<Response><Redirect>/other</Redirect></Response>", ("/other", "<Response/>"));

        Assert.Equal("close", (await call.Server.RequestAsync()).Connection);
        Assert.Equal("close", (await call.Server.RequestAsync()).Connection);
    }

    public static TheoryData<string, string> Documents { get; } = new()
    {
        { "<Response/>", "Completed" },
        { "<Response><Hangup/><Reject/></Response>", "Completed" },
        { "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- hello --><Response> <Reject reason=\"busy\"/> </Response>", "Rejected" },
        { "<Response><Redirect>/other</Redirect><Reject/></Response>", "Completed /other" },
        { "<Response><Redirect> other?a=b </Redirect></Response>", "Completed /other?a=b" },
        { "<Response><Pause length=\"0\"/><Redirect method=\"GET\">/other</Redirect></Response>", "Completed GET /other" },
        { "<Response><Say/><Redirect method=\"POST\">/other</Redirect></Response>", "Completed /other" },
    };

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Twiml_IsFollowed(string twiml, string expected)
    {
        await using var call = await DialledCall.DialAsync(twiml, ("/other", "<Response/>"));
        await call.Server.RequestAsync();

        var end = await call.EndAsync();

        var trace = end.Kind.ToString();
        if (expected.Contains('/', StringComparison.Ordinal))
        {
            var next = await call.Server.RequestAsync();
            Assert.True(TwilioSignature.IsValid([DialledCall.AuthToken], call.Server.Url + next.Path + next.Query, next.Fields, next.Signature));

            var parameters = next.Query + string.Join('&', next.Fields.Select(field => $"{field.Key}={field.Value}"));
            Assert.Contains("CallStatus=in-progress", parameters, StringComparison.Ordinal);
            trace += next.Method == "GET" ? $" GET {next.Path}" : $" {next.Path}{next.Query}";
        }

        Assert.Equal(expected, trace);
    }

    public static TheoryData<string, string> WrongDocuments { get; } = new()
    {
        { "", "is not an XML document that Twilio takes" },
        { "<Response>", "is not an XML document that Twilio takes" },
        { "<Response></Response><Response/>", "is not an XML document that Twilio takes" },
        { "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><Response><Say>&a;</Say></Response>", "is not an XML document that Twilio takes" },
        { $"<Response><Say>{new string('a', 70_000)}</Say></Response>", "is not an XML document that Twilio takes" },
        { "<html/>", "begins with <html>" },
        { "<response/>", "begins with <response>" },
        { "<Response><Dance/></Response>", "has a <Dance>, which this phone does not know" },
        { "<Response><say>Hi</say></Response>", "has a <say>, which this phone does not know" },
        { "<Response><Pause length=\"soon\"/></Response>", "has a <Pause> whose length is not a number of seconds" },
        { "<Response><Pause length=\"-1\"/></Response>", "has a <Pause> whose length is not a number of seconds" },
        { "<Response><Redirect>ftp://host/</Redirect></Response>", "names the URL ftp://host/" },
        { "<Response><Redirect method=\"PUT\">/x</Redirect></Response>", "has the method PUT" },
        { "<Response><Redirect>/incoming-call</Redirect></Response>", "asked for more than 20 TwiML documents" },
        { "<Response><Connect/></Response>", "<Connect> without exactly one <Stream>" },
        { "<Response><Connect><Room>a</Room></Connect></Response>", "<Connect> without exactly one <Stream>" },
        { "<Response><Connect><Stream/></Connect></Response>", "<Stream> without a valid url" },
        { "<Response><Connect><Stream url=\"wss://\"/></Connect></Response>", "<Stream> without a valid url" },
        { "<Response><Connect action=\"ftp://host/\"><Stream url=\"{ws}/media\"/></Connect></Response>", "names the URL ftp://host/" },
        { "<Response><Connect><Stream url=\"{ws}/media\"><Parameter name=\"a\"/></Stream></Connect></Response>", "a <Parameter> in its <Stream>" },
        {
            $"<Response><Connect><Stream url=\"{{ws}}/media\"><Parameter name=\"a\" value=\"{new string('b', 499)}\"/></Stream></Connect></Response>",
            "together under 500 characters"
        },
    };

    [Theory]
    [MemberData(nameof(WrongDocuments))]
    public async Task Call_EndsWithASentence_WhereTwimlIsWrong(string twiml, string sentence)
    {
        await using var call = await DialledCall.DialAsync(twiml);

        var end = await call.EndAsync();

        Assert.Equal(CallEndKind.Refused, end.Kind);
        Assert.Contains(sentence, end.Reason, StringComparison.Ordinal);
        Assert.Equal(new PhoneEvent(PhoneEventKind.Ended, end.Reason), call.Caller.Events()[^1]);
    }

    [Theory]
    [InlineData(403, "text/xml", "answered 403 (Forbidden): TWILIO_AUTH_TOKEN must be the server's, and the URL must be its PUBLIC_URL + /incoming-call.")]
    [InlineData(404, "text/xml", "answered 404 (NotFound); Twilio expects 200 with TwiML.")]
    [InlineData(500, "text/xml", "answered 500 (InternalServerError); Twilio expects 200 with TwiML.")]
    [InlineData(200, "application/json", "answered with the Content-Type application/json; Twilio expects TwiML as text/xml.")]
    [InlineData(200, null, "answered with the Content-Type (none); Twilio expects TwiML as text/xml.")]
    public async Task Call_IsRefused_WhereTheAnswerIsNoTwiml(int status, string? contentType, string sentence)
    {
        await using var server = await FakeCallServer.StartAsync();
        server.Answer("/incoming-call", async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = contentType;
            await context.Response.WriteAsync("<Response/>");
        });
        await using var call = DialledCall.Dial(server);

        Assert.Equal(new(CallEndKind.Refused, $"{server.Url}/incoming-call {sentence}"), await call.EndAsync());
    }

    [Fact]
    public async Task Call_IsRefused_WhereTheServerTakesLongerThanTwilioWaits()
    {
        await using var server = await FakeCallServer.StartAsync();
        server.Answer("/incoming-call", context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var call = DialledCall.Dial(server);
        await server.RequestAsync();

        call.Time.Advance(TimeSpan.FromSeconds(14.9));
        Assert.False(call.Running.IsCompleted);
        call.Time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(new(CallEndKind.Refused, $"{server.Url}/incoming-call gave no answer within 15 s, Twilio's limit."), await call.EndAsync());
    }

    [Fact]
    public async Task Call_IsRefused_WhereNobodyListens()
    {
        await using var call = await DialledCall.DialAsync("<Response><Redirect>http://127.0.0.1:1/</Redirect></Response>");

        var end = await call.EndAsync();

        Assert.Equal(CallEndKind.Refused, end.Kind);
        Assert.StartsWith("http://127.0.0.1:1/ cannot be reached", end.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost:5050/incoming-call")]
    [InlineData("/incoming-call")]
    public async Task Call_IsRefused_WhereTheUrlIsNone(string url)
    {
        using var http = new HttpClient();

        var end = await new PhoneCall(new(url, "", "", "", ""), new FakeCaller(), http, TimeProvider.System).RunAsync(CancellationToken.None);

        Assert.Equal(new(CallEndKind.Refused, $"The webhook's URL is \"{url}\"; it must begin with http:// or https://."), end);
    }

    [Fact]
    public async Task Say_IsToldToTheCaller_AndTakesItsTime()
    {
        await using var call = await DialledCall.DialAsync("<Response><Say voice=\"x\">  Good\n bye,  <break/>then. </Say></Response>");
        await call.Caller.ExpectAsync(PhoneEventKind.Dialling);

        Assert.Equal("Good bye, then.", await call.Caller.ExpectAsync(PhoneEventKind.Said));

        var started = call.Time.GetUtcNow();
        while (!call.Running.IsCompleted)
        {
            call.Time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        Assert.True(call.Time.GetUtcNow() - started >= TimeSpan.FromMilliseconds(15 * 60));
        Assert.Equal(CallEndKind.Completed, (await call.EndAsync()).Kind);
    }

    [Fact]
    public async Task HangingUp_EndsTheCall_WhileTheServerSpeaks()
    {
        await using var call = await DialledCall.DialAsync("<Response><Say>A long story.</Say></Response>");
        await call.Caller.ExpectAsync(PhoneEventKind.Dialling);
        await call.Caller.ExpectAsync(PhoneEventKind.Said);

        call.Call.HangUp();

        Assert.Equal(CallEnd.CallerHungUp, await call.EndAsync());
    }

    [Fact]
    public async Task HangingUp_EndsTheCall_WhileItRings()
    {
        await using var server = await FakeCallServer.StartAsync();
        server.Answer("/incoming-call", context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var call = DialledCall.Dial(server);
        await server.RequestAsync();

        call.Call.HangUp();

        Assert.Equal(CallEnd.CallerHungUp, await call.EndAsync());
    }

    [Fact]
    public async Task Cancellation_IsHangingUp_EvenBeforeTheCall()
    {
        using var http = new HttpClient();
        var call = new PhoneCall(new("http://127.0.0.1:1/", "", "", "", ""), new FakeCaller(), http, TimeProvider.System);

        Assert.Equal(CallEnd.CallerHungUp, await call.RunAsync(new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Times_SayHowLongTheWebhookTook()
    {
        await using var server = await FakeCallServer.StartAsync();
        var answer = new TaskCompletionSource();
        server.Answer("/incoming-call", async context =>
        {
            await answer.Task;
            context.Response.ContentType = "text/xml";
            await context.Response.WriteAsync("<Response/>");
        });
        await using var call = DialledCall.Dial(server);
        await server.RequestAsync();
        call.Time.Advance(TimeSpan.FromMilliseconds(150));
        answer.SetResult();
        await call.EndAsync();

        Assert.Equal(TimeSpan.FromMilliseconds(150), call.Call.Times.WebhookAnswer);
        Assert.Null(call.Call.Times.Connected);
    }

    // None of these can be reached, or is even a URL that means anything; whatever .NET makes of them, the call ends with a sentence.
    [Theory]
    [InlineData("wss:///media")]
    [InlineData("wss:media")]
    [InlineData("wss://[::1")]
    [InlineData("ws://127.0.0.1:99999/")]
    [InlineData("wss://user:pass@127.0.0.1:1/")]
    [InlineData("wss://host name/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:1")]
    public async Task Call_Ends_WhereTheStreamsUrlIsOdd(string url)
    {
        await using var call = await DialledCall.DialAsync($"<Response><Connect><Stream url=\"{url}\"/></Connect></Response>");

        var end = await call.EndAsync();

        Assert.Contains(end.Kind, new[] { CallEndKind.Refused, CallEndKind.StreamRefused });
    }

    [Fact]
    public async Task LongPause_IsNoLongerThanACall()
    {
        await using var call = await DialledCall.DialAsync("<Response><Say/><Pause length=\"2147483647\"/></Response>");
        await call.Caller.ExpectAsync(PhoneEventKind.Dialling);
        await call.Caller.ExpectAsync(PhoneEventKind.Said);

        while (!call.Running.IsCompleted)
        {
            call.Time.Advance(TimeSpan.FromHours(1));
            await Task.Yield();
        }

        Assert.Equal(CallEndKind.Completed, (await call.EndAsync()).Kind);
    }

    [Theory]
    [InlineData('x')]
    [InlineData(' ')]
    [InlineData('a')]
    public async Task Key_ThatNoPhoneHas_IsAProgrammersMistake(char key)
    {
        await using var call = await DialledCall.DialAsync("<Response/>");

        Assert.Throws<ArgumentOutOfRangeException>(() => call.Call.Press(key));
    }
}
