using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests;

/// <summary>Whatever becomes of a call, no secret, number, word or sound of it is in a log, a trace or a metric, at Trace either.</summary>
[Trait("Proves", "T-T3")]
public sealed class LeakTests
{
    // More than either side's messages may be malformed in a row.
    private const int TooMany = 40;

    [Fact, Trait("Proves", "T-P5")]
    public async Task Call_LeavesNothingBehind()
    {
        await using var system = await WatchedSystem.StartAsync();
        var (caller, session, _) = await system.CallAsync();
        await using (caller)
        {
            await ConverseAsync(system, caller, session);
            await caller.CloseAsync();
            await session.Ended;
        }

        var ended = TwilioRequest.StreamEnded(FakeTwilioStream.CallSid) with { AuthToken = system.AuthToken };
        system.Secrets.Add("signature", ended.Signature);
        Assert.Equal(HttpStatusCode.OK, (await system.AskAsync(ended)).Status);

        await system.AssertRedisHoldsNothingAsync();
        await system.AssertNothingIsFoundAsync("Answered", "Started", "ModelError", "ResponseFailed", "Interrupted", "Ended");
        // What Redis was asked is seen; with which keys and scripts, and for what, is not.
        var statements = system.Exported.Where(text => text.StartsWith("db.statement=", StringComparison.Ordinal)).ToList();
        Assert.Superset(new HashSet<string> { "db.statement=EVAL", "db.statement=GETDEL" }, statements.ToHashSet());
        Assert.All(statements, statement => Assert.Matches(@"\Adb\.statement=[A-Z]+\z", statement));
    }

    [Theory]
    [InlineData("Production", "true")]
    [InlineData("Local", "true")]
    [InlineData("Development", "false")]
    public async Task Call_LeavesNothingBehind_ThoughItsContentIsAskedForInTheWrongPlace(string environment, string value)
    {
        await using var system = await WatchedSystem.StartAsync(
            environment: environment, settings: [("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", value), ("DRAIN_SECONDS", "0")]);
        var (caller, session, _) = await system.CallAsync();
        await using (caller)
        {
            await ConverseAsync(system, caller, session);
            await caller.CloseAsync();
            await session.Ended;
        }

        await system.AssertNothingIsFoundAsync(["Started", "Ended", .. value is "true" ? ["MessageContentIgnored"] : Array.Empty<string>()]);
    }

    [Fact]
    public async Task Call_LeavesItsWordsInASpan_WhereADeveloperAsksForThem()
    {
        await using var system = await WatchedSystem.StartAsync(
            environment: "Development", settings: [("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")]);
        var (caller, session, _) = await system.CallAsync();
        await using (caller)
        {
            await ConverseAsync(system, caller, session);
            await caller.CloseAsync();
            await session.Ended;
        }

        // Otherwise the tests that find none would prove nothing.
        var leak = await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => system.AssertNothingIsFoundAsync());
        Assert.All(["instructions", "caller's words", "model's words"], name => Assert.Contains($"{name} in: gen_ai.", leak.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("greeting in:", leak.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("audio in:", leak.Message, StringComparison.Ordinal);
    }

    [Fact, Trait("Proves", "T-P5")]
    public async Task CallThatGoesOnInAnotherStream_LeavesNothingBehind()
    {
        await using var system = await WatchedSystem.StartAsync(time: new PatientClock());
        var request = system.NewCall();
        var callSid = WatchedSystem.CallSid(request);
        await using (var caller = await system.ConnectAsync())
        {
            await caller.StartAsync((await system.AskAsync(request)).Token!, callSid);
            await ConverseAsync(system, caller, await system.Model.AcceptConfiguredAsync());
            system.Bridge.Services.GetRequiredService<LiveCalls>().HandOver(HandOverMoment.Now);
            await HearTheEndAsync(caller);
        }

        var ended = new TwilioRequest("/stream-ended/1", request.Fields) { AuthToken = system.AuthToken };
        system.Secrets.Add("signature", ended.Signature);
        var (_, token) = await system.AskAsync(ended);
        await using (var next = await ConnectOnceFreeAsync(system))
        {
            await next.StartAsync(token!, callSid);
            var story = await (await system.Model.AcceptNextAsync()).ReceiveStoryAsync(next);
            Assert.NotEmpty(system.Secrets.FindIn(story));
            await next.StopAsync();
            await system.Bridge.Log.WaitForAsync("[CallEnded]");
        }

        await system.AssertRedisHoldsNothingAsync();
        await system.AssertNothingIsFoundAsync("Answered", "Started", "GoesOn", "Resumed", "Ended", "CallEnded");
    }

    [Theory, Trait("Proves", "T-P5")]
    [InlineData("client:{0}", "")]
    [InlineData("sip:{0}@{1}.example;user=phone", "sip:{1}@{0}.example")]
    public async Task CallerThatIsNoTelephone_LeavesNothingBehind(string from, string to)
    {
        await using var system = await WatchedSystem.StartAsync();
        // Whose list is empty, so that they get through; the other's has a number.
        await using var open = await WebhookHost.StartAsync(
            system.Bridge.RedisConnectionString, ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"), ("TWILIO_AUTH_TOKEN", system.AuthToken));
        var (user, host) = (system.Secret("user"), system.Secret("host"));
        (from, to) = (string.Format(CultureInfo.InvariantCulture, from, user, host), string.Format(CultureInfo.InvariantCulture, to, user, host));
        var request = system.NewCall(("From", from), ("Caller", from), ("To", to), ("Called", to), ("SipHeader_X-Name", system.Secret("header")));

        Assert.Null((await system.AskAsync(request)).Token);
        Assert.Null((await system.AskAsync(system.NewCall(("From", from)))).Token);
        Assert.Null((await system.AskAsync(system.NewCall(("From", "tel:" + user)))).Token);
        using var answer = await open.SendAsync(request);
        var token = system.Secrets.Add("token", TestTwiml.Token(await TestTwiml.ReadAsync(answer)));
        await using (var caller = await system.ConnectAsync())
        {
            await caller.StartAsync(token, WatchedSystem.CallSid(request));
            var session = await system.Model.AcceptConfiguredAsync();
            await caller.CloseAsync();
            await session.Ended;
        }

        var ended = new TwilioRequest("/stream-ended/1", request.Fields) { AuthToken = system.AuthToken };
        system.Secrets.Add("signature", ended.Signature);
        using var goesOn = await open.SendAsync(ended);
        Assert.Equal(HttpStatusCode.OK, goesOn.StatusCode);
        await open.DisposeAsync();

        await system.AssertNothingIsFoundAsync([open.Log], "NotAllowed", "NotACall", "Answered", "Started", "Ended");
    }

    [Fact]
    public async Task RefusedRequest_LeavesNothingBehind()
    {
        await using var system = await WatchedSystem.StartAsync();
        var good = system.NewCall();
        TwilioRequest[] refused =
        [
            good with { AuthToken = system.Secret("another's auth token") },
            good with { Fields = good.Fields.With("To", system.Secrets.AddNumber("number", "+18085550142")) },
            good with { Path = "/incoming-call?" + Query(good) },
            system.NewCall(("VaForwardedAt", "1700000000")),
            system.NewCall(("AccountSid", "none")),
            system.NewCall(("From", system.Secrets.AddNumber("another's number", "+17345550143"))),
            system.NewCall(("StirVerstat", "TN-Validation-Failed-C")),
        ];

        Assert.All(await Task.WhenAll(refused.Select(system.AskAsync)), answer => Assert.Null(answer.Token));
        // Tokens at their third time: a replay.
        foreach (var isRefused in (bool[])[false, false, true])
        {
            Assert.Equal(isRefused, (await system.AskAsync(good)).Token is null);
        }

        // The number's webhook is set to GET.
        using var get = new HttpRequestMessage(HttpMethod.Get, "/incoming-call?" + Query(good)) { Headers = { { TwilioSignature.HeaderName, good.Signature } } };
        using var notAllowed = await system.Webhook.SendAsync(get);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, notAllowed.StatusCode);

        using var json = good.ToMessage();
        json.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var noForm = await system.Webhook.SendAsync(json);
        Assert.Equal(HttpStatusCode.Forbidden, noForm.StatusCode);

        string[] malformed =
        [
            $"POST /incoming-call HTTP/1.1\r\nHost: x\r\n{TwilioSignature.HeaderName} : {good.Signature}\r\n\r\n",
            $"POST /incoming-call HTTP/1.1\r\n{TwilioSignature.HeaderName}: {good.Signature}\n\r\n\r\n",
            $"POST /incoming-call?{system.From} {system.To} HTTP/1.1\r\nHost: x\r\n\r\n",
            $"POST /incoming-call HTTP/1.1\r\nHost: {system.From}\r\n\r\n",
            $"{system.From} {system.To}\r\n\r\n",
        ];
        foreach (var text in malformed)
        {
            await using var connection = await system.Webhook.SendRawAsync(text);
            using var reader = new StreamReader(connection);
            Assert.StartsWith("HTTP/1.1 400", await reader.ReadToEndAsync(TestTimeout.Token), StringComparison.Ordinal);
        }

        await system.AssertNothingIsFoundAsync("Answered", "WrongSignature", "Unsigned", "Stale", "NotACall", "NotAllowed", "Spoofed", "Replayed");
    }

    [Fact]
    public async Task RefusedStream_LeavesNothingBehind()
    {
        await using var system = await WatchedSystem.StartAsync();
        var wrongSignature = (TwilioSignature.HeaderName, system.Secrets.Add("wrong signature", TwilioSignature.Compute("54321", "", [])));
        await Assert.ThrowsAsync<WebSocketException>(() => FakeTwilioStream.ConnectAsync(system.Bridge.Url));
        await Assert.ThrowsAsync<WebSocketException>(() => FakeTwilioStream.ConnectAsync(system.Bridge.Url, wrongSignature));
        await Assert.ThrowsAsync<WebSocketException>(() => FakeTwilioStream.ConnectAsync(
            $"{system.Bridge.Url}?token={system.Secret("token in a query")}", (TwilioSignature.HeaderName, system.Handshake), ("Origin", "https://evil.example")));

        var request = system.NewCall();
        var (_, token) = await system.AskAsync(request);
        string[][] strangers =
        [
            [FakeTwilioStream.StartMessage(system.Secrets.Add("forged token", StreamToken.Create()))],
            [FakeTwilioStream.StartMessage(system.Secret("malformed token"))],
            [FakeTwilioStream.StartMessage(token!).Replace("audio/x-mulaw", system.From, StringComparison.Ordinal)],
            // Of another call, and burnt by that.
            [FakeTwilioStream.StartMessage(token!)],
            [FakeTwilioStream.StartMessage(token!, WatchedSystem.CallSid(request))],
            [FakeTwilioStream.StartMessage(token!)[..^2]],
            [$$$"""{"event":"{{{system.From}}}"}""", $$$"""{"event":"media","media":{"payload":"{{{Convert.ToBase64String(system.Audio())}}}"}}"""],
            [$"{token} {system.From}"],
        ];
        foreach (var messages in strangers)
        {
            await using var stranger = await system.ConnectAsync();
            await stranger.SendAsync("""{"event":"connected","protocol":"Call","version":"1.0.0"}""");
            foreach (var message in messages)
            {
                await stranger.SendAsync(message);
            }

            Assert.Equal(WebSocketCloseStatus.PolicyViolation, await stranger.ReceiveCloseAsync());
        }

        var (caller, _, _) = await system.CallAsync();
        await Assert.ThrowsAsync<WebSocketException>(system.ConnectAsync);
        await caller.DisposeAsync();

        await system.AssertNothingIsFoundAsync("HandshakeRefused", "Matched", "Refused", "Full");
    }

    [Fact]
    public async Task CallWithoutItsModel_LeavesNothingBehind()
    {
        await using var system = await WatchedSystem.StartAsync();
        var (caller, session, _) = await system.CallAsync();
        await using (caller)
        {
            await ConverseAsync(system, caller, session);
            session.Abort();

            // It is told what was said.
            var next = await system.Model.AcceptNextAsync();
            await next.ReceiveAsync("conversation.item.create");
            system.Model.Status = (int)HttpStatusCode.Unauthorized;
            next.Abort();
            await HearTheEndAsync(caller);
        }

        await system.AssertNothingIsFoundAsync("SessionLost", "SessionRestored", "ModelRefuses", "Ended");
    }

    [Fact]
    public async Task CallOfAModelThatRaves_LeavesNothingBehind()
    {
        await using var system = await WatchedSystem.StartAsync();
        var (caller, session, _) = await system.CallAsync();
        await using (caller)
        {
            system.Model.Status = (int)HttpStatusCode.Unauthorized;
            var words = system.Secret("words");
            for (var message = 0; message < TooMany; message++)
            {
                await SendUnlessClosedAsync(() => session.SendAsync(Malformed(message, words)));
            }

            await HearTheEndAsync(caller);
        }

        await system.AssertNothingIsFoundAsync("SessionLost", "ModelRefuses", "Ended");
    }

    [Fact]
    public async Task CallOfATwilioThatRaves_LeavesNothingBehind()
    {
        await using var system = await WatchedSystem.StartAsync();
        var (caller, _, token) = await system.CallAsync();
        await using (caller)
        {
            for (var message = 0; message < TooMany; message++)
            {
                await SendUnlessClosedAsync(() => caller.SendAsync(Malformed(message, token)));
            }

            await caller.ReceiveCloseAsync();
        }

        await system.AssertNothingIsFoundAsync("Started", "Ended");
    }

    [Fact]
    public async Task FaultOfOurs_LeavesNothingBehind()
    {
        await using var system = await WatchedSystem.StartAsync();
        var token = system.Secrets.Add("token", StreamToken.Create());
        await system.Bridge.Redis.StringSetAsync(
            StreamToken.Key(token), $$"""{"CallSid":"{{FakeTwilioStream.CallSid}}","From":{"{{system.From}}":"{{token}}"},"To":{{system.To}}}""");

        await using (var caller = await system.ConnectAsync())
        {
            await caller.StartAsync(token);
            await caller.ReceiveCloseAsync();
        }

        // Of an exception that nobody has handled, when the stream is gone.
        await system.Bridge.Log.WaitForAsync("[UnhandledException]");
        await system.AssertNothingIsFoundAsync("UnhandledException");
    }

    [Fact]
    public async Task CallWithoutRedis_LeavesNothingBehind()
    {
        RedisServer.Require();
        var password = WatchedSystem.Random();
        await using var redis = await RedisServer.StartAsync(arguments: ["--requirepass", password]);
        var time = new StandingClock();
        await using var system = await WatchedSystem.StartAsync($"{redis.ConnectionString},password={password}", time);
        system.Secrets.Add("password", password);
        await using var lockedOut = await WebhookHost.StartImpatientAsync(
            $"{redis.ConnectionString},password={system.Secret("wrong password")}", ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:StackExchange.Redis", "Trace"));
        using (var apology = await lockedOut.SendAsync(TwilioRequest.NewCall(("VaForwardedAt", $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}"))))
        {
            Assert.Equal(HttpStatusCode.OK, apology.StatusCode);
        }

        var (caller, session, _) = await system.CallAsync();
        await using (caller)
        {
            await time.TimerSetAsync(CallLeases.RenewInterval);
            await ConverseAsync(system, caller, session);

            redis.Freeze();
            Assert.Null((await system.AskAsync(system.NewCall())).Token);
            await redis.StopAsync();
            Assert.Null((await system.AskAsync(system.NewCall())).Token);
            await LeaseIsDueAsync(system, caller, session, time);

            await caller.CloseAsync();
            await session.Ended;
        }

        await using (var next = await ConnectOnceFreeAsync(system))
        {
            await next.StartAsync(system.Secrets.Add("token", StreamToken.Create()));
            Assert.Equal(WebSocketCloseStatus.NormalClosure, await next.ReceiveCloseAsync());
        }

        Assert.Contains(lockedOut.Log.Lines, line => line.StartsWith("StackExchange.Redis", StringComparison.Ordinal));
        await system.AssertNothingIsFoundAsync([lockedOut.Log], "RedisFailed", "NotRenewed", "Ended");
    }

    [Theory]
    [InlineData("message")]
    [InlineData("value")]
    [InlineData("scope")]
    [InlineData("value of a scope")]
    [InlineData("exception")]
    [InlineData("tag")]
    [InlineData("event")]
    [InlineData("baggage")]
    [InlineData("measurement")]
    public async Task Leak_IsFound(string way)
    {
        await using var system = await WatchedSystem.StartAsync();
        var logger = system.Bridge.Services.GetRequiredService<ILogger<LeakTests>>();
        var leak = system.Secret("secret")[3..19];
        KeyValuePair<string, object?>[] value = [new("value", leak)];
        var fault = new InvalidOperationException("", new InvalidOperationException(leak));
        using var source = new ActivitySource("leak");

        switch (way)
        {
            case "message":
                logger.Log(LogLevel.Trace, default, leak, null, (state, _) => state);
                break;
            case "value":
                logger.Log(LogLevel.Trace, default, value, null, (_, _) => "");
                break;
            case "scope":
                using (logger.BeginScope(leak))
                {
                    logger.Log(LogLevel.Trace, default, "", null, (_, _) => "");
                }

                break;
            case "value of a scope":
                using (logger.BeginScope(value))
                {
                    logger.Log(LogLevel.Trace, default, "", null, (_, _) => "");
                }

                break;
            case "exception":
                logger.Log(LogLevel.Trace, default, "", fault, (_, _) => "");
                break;
            case "tag":
                source.StartActivity(way)!.SetTag("value", leak).Dispose();
                break;
            case "event":
                source.StartActivity(way)!.AddEvent(new ActivityEvent("", tags: new ActivityTagsCollection(value))).Dispose();
                break;
            case "baggage":
                source.StartActivity(way)!.SetBaggage("value", leak).Dispose();
                break;
            default:
                system.Bridge.Meters.Create("leak").CreateCounter<long>("leak").Add(1, value);
                break;
        }

        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => system.AssertNothingIsFoundAsync());
    }

    private static async Task ConverseAsync(WatchedSystem system, FakeTwilioStream caller, FakeRealtimeSession session)
    {
        await caller.SendMediaAsync(20, system.Audio());
        await session.ReceiveAsync("input_audio_buffer.append");
        await session.SendAsync("""{"type":"input_audio_buffer.committed","event_id":"e","item_id":"item_user"}""");
        await session.SendAsync(
            $$"""{"type":"conversation.item.input_audio_transcription.completed","event_id":"e","item_id":"item_user","transcript":"{{system.Secret("caller's words")}}"}""");
        await session.StartResponseAsync("resp_1");
        await session.SendAsync(
            $$"""{"type":"response.output_audio_transcript.delta","event_id":"e","response_id":"resp_1","item_id":"item_1","delta":"{{system.Secret("model's words")}}"}""");
        await session.SendDeltaAsync("resp_1", "item_1", system.Audio());
        await caller.ReceiveAudioAsync();
        await session.SendAsync(
            $$"""{"type":"response.output_audio_transcript.done","event_id":"e","response_id":"resp_1","item_id":"item_1","transcript":"{{system.Secret("model's words")}}"}""");
        await session.SendAsync(
            $$$"""{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"odd","message":"{{{system.Secret("model's words")}}}"}}""");
        await session.SpeechStartedAsync();
        await caller.ReceiveAsync();
        await session.EndResponseAsync(
            "resp_1", "failed", $$$"""{"type":"failed","error":{"type":"server_error","message":"{{{system.Secret("model's error")}}}"}}""", system.Secret("model's words"));
        await caller.ReceiveAudioAsync();
    }

    // In steps, since a caller who sends nothing for 5 s is gone.
    private static async Task LeaseIsDueAsync(WatchedSystem system, FakeTwilioStream caller, FakeRealtimeSession session, StandingClock time)
    {
        for (var step = 0; step < 4; step++)
        {
            var frame = system.Audio();
            await caller.SendMediaAsync(20, frame);
            while ((string?)(await session.ReceiveAsync("input_audio_buffer.append"))["audio"] != Convert.ToBase64String(frame))
            {
            }

            await system.Bridge.HeardAsync();
            time.Advance(CallLeases.RenewInterval / 4);
        }

        for (var bound = TestTimeout.Token; !system.Bridge.Log.Lines.Any(line => line.Contains("[NotRenewed]", StringComparison.Ordinal));)
        {
            bound.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    // The bridge may still be busy with the call before.
    private static async Task<FakeTwilioStream> ConnectOnceFreeAsync(WatchedSystem system)
    {
        for (var patience = TestTimeout.Token; ; patience.ThrowIfCancellationRequested())
        {
            try
            {
                return await system.ConnectAsync();
            }
            catch (WebSocketException refused) when (refused.Message.Contains("503", StringComparison.Ordinal))
            {
            }
        }
    }

    /// <summary>Lets the caller hear everything until the bridge closes.</summary>
    private static async Task HearTheEndAsync(FakeTwilioStream caller)
    {
        while (await caller.ReceiveAsync() is { } message)
        {
            if ((string?)message["event"] == "mark")
            {
                await caller.ReturnMarkAsync((string)message["mark"]!["name"]!);
            }
        }

        await caller.CloseAsync();
    }

    private static string Malformed(int number, string secret) => (number % 4) switch
    {
        0 => secret,
        1 => $$"""{"event":"media","type":"response.output_audio.delta","delta":"{{secret}}""",
        2 => $$"""{"event":["{{secret}}"],"type":["{{secret}}"]}""",
        _ => new JsonObject { ["event"] = "media", ["type"] = "error", ["error"] = new JsonArray(secret), ["media"] = new JsonArray(secret) }.ToJsonString(),
    };

    private static async Task SendUnlessClosedAsync(Func<Task> send)
    {
        try
        {
            await send();
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException)
        {
            // It has had enough.
        }
    }

    private static string Query(TwilioRequest request) =>
        string.Join('&', request.Fields.Take(20).Select(field => $"{field.Key}={Uri.EscapeDataString(field.Value)}"));
}
