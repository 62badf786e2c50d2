using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone.Twiml;

/// <summary>What happens around a stream: opening it, telling the server, going on after it.</summary>
public class ConnectTests
{
    private const string Connect = """
        <Response><Connect action="/stream-ended"><Stream url="{ws}/media-stream?a=b" name="main" statusCallback="/stream-status">
          <Parameter name="token" value="secret"/><Parameter name="FirstName" value="Jane &amp; Joe"/>
        </Stream></Connect><Reject/></Response>
        """;

    [Fact]
    public async Task Stream_IsOpened_AsTwilioOpensIt()
    {
        await using var call = await DialledCall.DialAsync(Connect);

        var stream = await call.Server.StreamAsync();
        var start = await stream.StartAsync();

        Assert.True(TwilioSignature.IsValid([DialledCall.AuthToken], $"ws{call.Server.Url[4..]}/media-stream", [], stream.Signature));
        Assert.Empty(stream.SubProtocols);
        Assert.Matches("^MZ[0-9a-f]{32}$", stream.StreamSid);
        Assert.Equal(call.Call.CallSid, start.GetProperty("callSid").GetString());
        Assert.Equal(DialledCall.AccountSid, start.GetProperty("accountSid").GetString());
        Assert.Equal("""{"token":"secret","FirstName":"Jane \u0026 Joe"}""", start.GetProperty("customParameters").GetRawText());
        await call.Caller.ExpectAsync(PhoneEventKind.Dialling);
        await call.Caller.ExpectAsync(PhoneEventKind.Connected);
        await stream.CloseAsync();
    }

    [Fact]
    public async Task Action_IsRequested_WhereTheServerClosesTheStream()
    {
        await using var call = await DialledCall.DialAsync(Connect, ("/stream-ended", "<Response><Hangup/></Response>"), ("/stream-status", ""));
        var stream = await call.Server.StreamAsync();
        await stream.StartAsync();

        await stream.CloseAsync();

        var requests = await RequestsAsync(call, 4);
        var action = Assert.Single(requests, request => request.Path == "/stream-ended");
        Assert.Equal("in-progress", action.Fields["CallStatus"]);
        Assert.Equal(call.Call.CallSid, action.Fields["CallSid"]);
        Assert.True(TwilioSignature.IsValid([DialledCall.AuthToken], call.Server.Url + "/stream-ended", action.Fields, action.Signature));
        Assert.Equal(new(CallEndKind.Completed, "The server ended the call."), await call.EndAsync());
        Assert.Equal(
            [PhoneEventKind.Dialling, PhoneEventKind.Connected, PhoneEventKind.StreamEnded, PhoneEventKind.Ended],
            call.Caller.Events().Select(phoneEvent => phoneEvent.Kind));
    }

    [Fact]
    public async Task Status_IsReported_AsTwilioReportsIt()
    {
        await using var call = await DialledCall.DialAsync(Connect, ("/stream-ended", "<Response/>"), ("/stream-status", ""));
        var stream = await call.Server.StreamAsync();
        await stream.StartAsync();
        await stream.CloseAsync();

        var reports = (await RequestsAsync(call, 4)).Where(request => request.Path == "/stream-status").ToArray();

        Assert.Equal(["stream-started", "stream-stopped"], reports.Select(report => report.Fields["StreamEvent"]));
        Assert.All(reports, report =>
        {
            Assert.Equal("main", report.Fields["StreamName"]);
            Assert.Equal(stream.StreamSid, report.Fields["StreamSid"]);
            Assert.Equal(call.Call.CallSid, report.Fields["CallSid"]);
            Assert.Equal(DialledCall.AccountSid, report.Fields["AccountSid"]);
            Assert.Equal("", report.Fields["StreamError"]);
            Assert.Equal("2026-11-22T12:00:00.000Z", report.Fields["Timestamp"]);
            Assert.True(TwilioSignature.IsValid([DialledCall.AuthToken], call.Server.Url + "/stream-status", report.Fields, report.Signature));
        });
    }

    [Fact]
    public async Task Call_GoesOnAtTheNextVerb_WithoutAnAction()
    {
        await using var call = await DialledCall.DialAsync("<Response><Connect><Stream url=\"/media-stream\"/></Connect><Reject/></Response>");
        var stream = await call.Server.StreamAsync();
        await stream.StartAsync();

        await stream.CloseAsync();

        Assert.Equal(CallEndKind.Rejected, (await call.EndAsync()).Kind);
    }

    [Fact]
    public async Task Call_HasANewStream_WhereTheActionAsksForOne()
    {
        await using var call = await DialledCall.DialAsync(Connect, ("/stream-ended", Connect), ("/stream-status", ""));
        var first = await call.Server.StreamAsync();
        await first.StartAsync();
        first.Abort();

        var second = await call.Server.StreamAsync();
        await second.StartAsync();
        call.Server.Answer("/stream-ended", "<Response/>");
        await second.CloseAsync();

        Assert.NotEqual(first.StreamSid, second.StreamSid);
        Assert.Equal(CallEndKind.Completed, (await call.EndAsync()).Kind);
    }

    [Fact]
    public async Task Action_IsRequested_WhereTheStreamBreaks()
    {
        await using var call = await DialledCall.DialAsync(Connect, ("/stream-ended", "<Response/>"), ("/stream-status", ""));
        var stream = await call.Server.StreamAsync();
        await stream.StartAsync();

        stream.Abort();

        var requests = await RequestsAsync(call, 4);
        Assert.Contains(requests, request => request.Path == "/stream-ended");
        Assert.StartsWith("31903: ", requests.Single(request => request.Fields.GetValueOrDefault("StreamEvent") == "stream-error").Fields["StreamError"], StringComparison.Ordinal);
        Assert.Equal(CallEndKind.StreamDropped, (await call.EndAsync()).Kind);
    }

    [Fact]
    public async Task Call_HasNotGoneWell_WhereTheServerClosesWithAnError()
    {
        await using var call = await DialledCall.DialAsync(Connect, ("/stream-ended", "<Response/>"));
        var stream = await call.Server.StreamAsync();
        await stream.StartAsync();

        await stream.CloseAsync(WebSocketCloseStatus.PolicyViolation, "no token");

        Assert.Equal(new(CallEndKind.StreamDropped, "The server closed the stream with 1008 (no token)."), await call.EndAsync());
    }

    [Theory]
    [InlineData(403, "the server answered 403 (Forbidden) instead of 101 (Twilio error 31920).")]
    [InlineData(503, "the server answered 503 (ServiceUnavailable) instead of 101 (Twilio error 31920).")]
    [InlineData(200, "the server answered 200 (OK) instead of 101 (Twilio error 31920).")]
    public async Task Action_IsRequested_WhereTheStreamIsRefused(int status, string sentence)
    {
        await using var server = await FakeCallServer.StartAsync();
        server.Answer("/incoming-call", Connect);
        server.Answer("/stream-ended", "<Response><Hangup/></Response>");
        server.Answer("/media-stream", context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("no");
        });
        await using var call = DialledCall.Dial(server);

        var end = await call.EndAsync();

        Assert.Equal(new(CallEndKind.StreamRefused, $"The stream ws{server.Url[4..]}/media-stream could not be opened: {sentence}"), end);
        Assert.Contains(await RequestsAsync(call, 4), request => request.Path == "/stream-ended");
    }

    [Theory]
    [InlineData("ws://example.com/media", "31922")]
    [InlineData("https://example.com/media", "31922")]
    [InlineData("ws://127.0.0.1:1/media", "31902")]
    public async Task Stream_IsRefused_WithTwiliosNumber(string url, string error)
    {
        await using var call = await DialledCall.DialAsync($"<Response><Connect><Stream url=\"{url}\"/></Connect></Response>");

        var end = await call.EndAsync();

        Assert.Equal(CallEndKind.StreamRefused, end.Kind);
        Assert.EndsWith($"(Twilio error {error}).", end.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_IsRefused_WhereTheHandshakeTakesTooLong()
    {
        await using var server = await FakeCallServer.StartAsync();
        server.Answer("/incoming-call", Connect);
        server.Answer("/stream-ended", "<Response/>");
        server.Answer("/media-stream", context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var call = DialledCall.Dial(server);
        while ((await server.RequestAsync()).Path != "/media-stream")
        {
        }

        call.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.EndsWith("no answer within 10 s (Twilio error 31901).", (await call.EndAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HangingUp_SendsStopLast_AndTheActionIsOnlyTold()
    {
        await using var call = await DialledCall.DialAsync(Connect, ("/stream-ended", "<Response><Redirect>/never</Redirect></Response>"), ("/stream-status", ""));
        var stream = await call.Server.StreamAsync();
        await stream.StartAsync();
        call.Tick();
        await stream.ExpectAsync("media");

        call.Call.HangUp();

        var stop = Assert.Single(await stream.DrainAsync());
        Assert.Equal(
            $$$"""{"event":"stop","sequenceNumber":"3","stop":{"accountSid":"{{{DialledCall.AccountSid}}}","callSid":"{{{call.Call.CallSid}}}"},"streamSid":"{{{stream.StreamSid}}}"}""",
            stop.GetRawText());
        Assert.Equal(CallEnd.CallerHungUp, await call.EndAsync());
        var requests = await RequestsAsync(call, 4);
        Assert.Equal("completed", requests.Single(request => request.Path == "/stream-ended").Fields["CallStatus"]);
        Assert.Contains(requests, request => request.Fields.GetValueOrDefault("StreamEvent") == "stream-stopped");
    }

    [Fact]
    public async Task HangingUp_EndsTheCall_WhereTheServerNeverCloses()
    {
        await using var call = await DialledCall.DialAsync("<Response><Connect><Stream url=\"/media-stream\"/></Connect></Response>");
        var stream = await call.Server.StreamAsync();
        await stream.StartAsync();

        call.Call.HangUp();
        await stream.ExpectAsync("stop");
        while (!call.Running.IsCompleted)
        {
            call.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(CallEnd.CallerHungUp, await call.EndAsync());
        stream.Abort();
    }

    private static async Task<IReadOnlyList<ReceivedRequest>> RequestsAsync(DialledCall call, int count)
    {
        var requests = new List<ReceivedRequest>();
        while (requests.Count < count)
        {
            requests.Add(await call.Server.RequestAsync());
        }

        return requests;
    }
}
