using System.Net.WebSockets;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>A whole call through the bridge: Twilio's messages on one side, the model's events on the other.</summary>
public sealed class CallRelayTests
{
    [Fact]
    public async Task Model_IsAskedForTheGreeting_AfterTheSettings()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var bridge = await BridgeHost.StartAsync(model.Url, settings: [new("GREETING", "¡Hola! \"You\"?")]);
        await using var caller = await bridge.CallAsync();
        var session = await model.AcceptAsync();

        Assert.Equal("audio/pcmu", (string?)(await session.ReceiveAsync("session.update"))["session"]!["audio"]!["input"]!["format"]!["type"]);
        Assert.EndsWith(": ¡Hola! \"You\"?", (string?)(await session.ReceiveAsync("response.create"))["response"]!["instructions"]);
        Assert.Equal("Bearer test-key", session.Authorization);
        Assert.Equal("gpt-realtime-2.1", session.Model);
    }

    [Fact]
    public async Task Model_IsNotAskedForAnything_WithoutAGreeting()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var bridge = await BridgeHost.StartAsync(model.Url, settings: [new("GREETING", "")]);
        await using var caller = await bridge.CallAsync();
        var session = await model.AcceptAsync();

        await session.ReceiveAsync("session.update");
        await caller.SendMediaAsync(20, [0x7F]);

        Assert.Equal("input_audio_buffer.append", (string?)(await session.ReceiveAsync())["type"]);
    }

    [Fact]
    public async Task CallerAudio_ReachesTheModel_Unchanged()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var bridge = await BridgeHost.StartAsync(model.Url);
        await using var caller = await bridge.CallAsync();
        var session = await model.AcceptConfiguredAsync();

        await caller.SendMediaAsync(20, [0x7E, 0x7F, 0x00]);

        Assert.Equal("""{"type":"input_audio_buffer.append","audio":"fn8A"}""", await session.ReceiveTextAsync());
    }

    [Fact]
    public async Task CallerAudio_IsKeptInOrder_UntilTheModelListens()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        using var release = model.HoldHandshakes();
        await using var bridge = await BridgeHost.StartAsync(model.Url);
        await using var caller = await bridge.CallAsync();

        for (byte i = 0; i < 100; i++)
        {
            await caller.SendMediaAsync(20 * i, Frame(i));
        }

        release.Dispose();
        var session = await model.AcceptConfiguredAsync();

        for (byte i = 0; i < 100; i++)
        {
            Assert.Equal(Convert.ToBase64String(Frame(i)), (string?)(await session.ReceiveAsync())["audio"]);
        }
    }

    [Fact]
    public async Task ModelAudio_ReachesTheCaller_UnchangedAndMarked()
    {
        await using var call = await TestCall.StartAsync();
        await call.Model.StartResponseAsync("resp_1");

        await call.Model.SendDeltaAsync("resp_1", "item_1", Frame(1));
        await call.Model.SendDeltaAsync("resp_1", "item_1", Frame(2));
        await call.Model.SendDeltaAsync("resp_1", "item_2", Frame(3));

        var received = new[] { await call.Caller.ReceiveAudioAsync(), await call.Caller.ReceiveAudioAsync(), await call.Caller.ReceiveAudioAsync() };
        Assert.Equal([Frame(1), Frame(2), Frame(3)], received.Select(audio => audio.Audio));
        Assert.Equal(["1-1-20", "1-1-40", "1-2-20"], received.Select(audio => audio.Mark));
    }

    [Fact]
    public async Task Interruption_ClearsThenTruncatesAtThePlayedMillisecond()
    {
        var time = new FakeTimeProvider();
        await using var call = await TestCall.StartAsync(time);
        await call.Model.StartResponseAsync("resp_1");
        await call.Model.SendDeltaAsync("resp_1", "item_1", new byte[8 * 400]);
        await call.Model.SendDeltaAsync("resp_1", "item_1", new byte[8 * 400]);
        await call.Model.SendDeltaAsync("resp_1", "item_2", new byte[8 * 400]);
        var first = await call.Caller.ReceiveAudioAsync();
        await call.Caller.ReceiveAudioAsync();
        await call.Caller.ReceiveAudioAsync();

        time.Advance(TimeSpan.FromMilliseconds(400));
        await call.Caller.ReturnMarkAsync(first.Mark);
        await call.BridgeHasReadEverythingAsync();
        time.Advance(TimeSpan.FromMilliseconds(123));
        await call.Model.SpeechStartedAsync();

        Assert.Equal("clear", (string?)(await call.Caller.ReceiveAsync())?["event"]);
        var playing = await call.Model.ReceiveAsync("conversation.item.truncate");
        Assert.Equal(("item_1", 523), ((string?)playing["item_id"], (int)playing["audio_end_ms"]!));
        var queued = await call.Model.ReceiveAsync("conversation.item.truncate");
        Assert.Equal(("item_2", 0), ((string?)queued["item_id"], (int)queued["audio_end_ms"]!));
    }

    [Fact]
    public async Task Interruption_ReachesWhatIsStillPlaying_AfterResponseDone()
    {
        await using var call = await TestCall.StartAsync();
        await call.Model.StartResponseAsync("resp_1");
        await call.Model.SendDeltaAsync("resp_1", "item_1", new byte[8 * 60_000]);
        await call.Model.EndResponseAsync("resp_1");
        await call.Caller.ReceiveAudioAsync();

        await call.Model.SpeechStartedAsync();

        Assert.Equal("clear", (string?)(await call.Caller.ReceiveAsync())?["event"]);
        Assert.Equal("item_1", (string?)(await call.Model.ReceiveAsync("conversation.item.truncate"))["item_id"]);
    }

    [Fact]
    public async Task LateDeltas_AreDropped_AndTheNextResponseIsHeard()
    {
        await using var call = await TestCall.StartAsync();
        await call.Model.StartResponseAsync("resp_1");
        await call.Model.SendDeltaAsync("resp_1", "item_1", new byte[8 * 60_000]);
        await call.Caller.ReceiveAudioAsync();
        await call.Model.SpeechStartedAsync();
        Assert.Equal("clear", (string?)(await call.Caller.ReceiveAsync())?["event"]);

        await call.Model.SendDeltaAsync("resp_1", "item_1", Frame(1));
        await call.Model.EndResponseAsync("resp_1", "cancelled");
        await call.Model.SendDeltaAsync("resp_1", "item_1", Frame(2));
        await call.Model.StartResponseAsync("resp_2");
        await call.Model.SendDeltaAsync("resp_2", "item_2", Frame(3));

        var (audio, mark) = await call.Caller.ReceiveAudioAsync();
        Assert.Equal(Frame(3), audio);
        Assert.StartsWith("2-", mark, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Speech_ChangesNothing_WhenEverythingWasHeard()
    {
        await using var call = await TestCall.StartAsync();
        await call.Model.StartResponseAsync("resp_1");
        await call.Model.SendDeltaAsync("resp_1", "item_1", Frame(1));
        await call.Model.EndResponseAsync("resp_1");
        await call.Caller.ReturnMarkAsync((await call.Caller.ReceiveAudioAsync()).Mark);
        await call.BridgeHasReadEverythingAsync();

        await call.Model.SpeechStartedAsync();
        await call.Model.StartResponseAsync("resp_2");
        await call.Model.SendDeltaAsync("resp_2", "item_2", Frame(2));

        Assert.Equal("1-2-20", (await call.Caller.ReceiveAudioAsync()).Mark);
    }

    [Fact]
    public async Task FailedResponse_IsBridgedByAClip_AndAskedForAgain()
    {
        await using var call = await TestCall.StartAsync();
        await call.Model.StartResponseAsync("resp_1");
        await call.Model.EndResponseAsync("resp_1", "failed", """{"type":"failed","error":{"type":"server_error","code":"server_error"}}""");

        Assert.Equal(ClipLength("one-moment"), (await call.Caller.ReceiveAudioAsync()).Audio.Length);
        Assert.Contains("Hello", (string?)(await call.Model.ReceiveAsync("response.create"))["response"]!["instructions"]);
    }

    [Fact]
    public async Task Greeting_IsNotRepeated_OnceTheCallerInterruptedIt()
    {
        await using var call = await TestCall.StartAsync();
        await call.Model.StartResponseAsync("resp_1");
        await call.Model.SendDeltaAsync("resp_1", "item_1", new byte[8 * 60_000]);
        await call.Model.SpeechStartedAsync();
        await call.Model.EndResponseAsync("resp_1", "cancelled");

        await FailAsync(call, "resp_2");

        Assert.Null((await call.Model.ReceiveAsync("response.create"))["response"]);
    }

    [Fact]
    public async Task FailedRetry_AsksTheCallerToSpeakAgain_AndTheCallGoesOn()
    {
        await using var call = await TestCall.StartAsync();
        await call.Model.HearAsync("user_1", "Hello?");
        await FailAsync(call, "resp_1");
        await FailAsync(call, "resp_2");

        Assert.Equal(ClipLength("one-moment"), (await call.Caller.ReceiveAudioAsync()).Audio.Length);
        Assert.Equal(ClipLength("say-that-again"), (await call.Caller.ReceiveAudioAsync()).Audio.Length);
        await call.Model.StartResponseAsync("resp_3");
        await call.Model.SendDeltaAsync("resp_3", "item_3", Frame(3));
        Assert.Equal(Frame(3), (await call.Caller.ReceiveAudioAsync()).Audio);
    }

    [Fact]
    public async Task FatalFailure_IsFollowedByAnApology_AndTheStreamIsClosed()
    {
        await using var call = await TestCall.StartAsync();
        await call.Model.EndResponseAsync("resp_1", "failed", """{"error":{"type":"insufficient_quota","code":"insufficient_quota"}}""");

        await ApologyThenCloseAsync(call.Caller);
    }

    [Fact]
    public async Task Caller_HearsAnApology_WhenTheModelRefusesTheSession()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var bridge = await BridgeHost.StartAsync(model.Url);
        await using var caller = await bridge.CallAsync();
        var session = await model.AcceptAsync();
        var update = await session.ReceiveAsync("session.update");

        await session.SendAsync(
            $$$"""{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"invalid_value","param":"session.audio.output.format.type","event_id":"{{{(string?)update["event_id"]}}}"}}""");

        await ApologyThenCloseAsync(caller);
    }

    [Fact]
    public async Task BenignErrorsAndUnknownEvents_ChangeNothing()
    {
        await using var call = await TestCall.StartAsync();

        await call.Model.SendAsync("""{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"response_cancel_not_active","message":"…"}}""");
        await call.Model.SendAsync("""{"type":"something.new","event_id":"e","delta":"???","nested":{"a":[1,2,{}]}}""");
        await call.Model.SendAsync("not json");
        await call.Model.SendDeltaAsync("resp_1", "item_1", Frame(1));

        Assert.Equal(Frame(1), (await call.Caller.ReceiveAudioAsync()).Audio);
    }

    [Fact]
    public async Task Key_IsToldToTheModel()
    {
        await using var call = await TestCall.StartAsync();

        await call.Caller.SendAsync(
            $$$"""{"event":"dtmf","streamSid":"{{{FakeTwilioStream.StreamSid}}}","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"3"}}""");

        var item = (await call.Model.ReceiveAsync("conversation.item.create"))["item"]!;
        Assert.Equal("system", (string?)item["role"]);
        Assert.Contains("pressed 3", (string?)item["content"]![0]!["text"]);
    }

    [Theory]
    [Trait("Proves", "R15")]
    [InlineData("stop")]
    [InlineData("close")]
    [InlineData("abort")]
    public async Task ModelSession_Ends_WhenTheCallerLeaves(string how)
    {
        // The clock stands still, so that the grace does not run out on a busy machine.
        await using var call = await TestCall.StartAsync(new FakeTimeProvider());

        switch (how)
        {
            case "stop":
                await call.Caller.StopAsync();
                break;
            case "close":
                await call.Caller.CloseAsync();
                break;
            default:
                call.Caller.Abort();
                break;
        }

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await call.Model.Ended);
    }

    [Fact]
    [Trait("Proves", "T-M5")]
    [Trait("Proves", "R16")]
    public async Task BothSides_End_WhenTheCallerTakesNothingForFiveSeconds()
    {
        // As base64, more than all buffers on the way take.
        const int Endless = SocketPair.MoreThanBuffersTake * 2;
        var time = new FakeTimeProvider();
        await using var call = await TestCall.StartAsync(time);
        await call.Model.StartResponseAsync("resp_1");
        await call.Model.SendDeltaAsync("resp_1", "item_1", new byte[Endless]);
        await call.Caller.ReceiveBeginningAsync();

        // It still speaks, and what it says is still heard.
        for (var seconds = 0; seconds < 5; seconds++)
        {
            await call.BridgeHasReadEverythingAsync();
            Assert.False(call.Model.Ended.IsCompleted);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        await call.BridgeHasReadEverythingAsync();
        // Slowly: 450 ms after the caller the model would be cut off, too.
        for (var ended = call.Model.Ended; !ended.IsCompleted;)
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(ended, Task.Delay(TimeSpan.FromSeconds(1), TestTimeout.Token));
        }

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await call.Model.Ended);
        Assert.Null(await call.Caller.ReceiveCloseAsync());
    }

    [Fact]
    [Trait("Proves", "R16")]
    public async Task BothSides_End_WhenTheCallerSendsNothingForFiveSeconds()
    {
        var time = new FakeTimeProvider();
        await using var call = await TestCall.StartAsync(time);

        await time.AdvanceUntilAsync(call.Model.Ended);

        Assert.Null(await call.Caller.ReceiveCloseAsync());
    }

    [Fact]
    [Trait("Proves", "R16")]
    public async Task Call_GoesOn_AfterTheWholeProcessWasStoppedForAWhile()
    {
        var time = new FakeTimeProvider();
        await using var call = await TestCall.StartAsync(time);
        await call.Model.GreetAsync(call.Caller);

        time.Advance(TimeSpan.FromSeconds(30));
        await call.Model.GreetAsync(call.Caller);
        await call.BridgeHasReadEverythingAsync();
        time.Advance(TimeSpan.FromMilliseconds(250));
        await call.BridgeHasReadEverythingAsync();

        Assert.False(call.Model.Ended.IsCompleted);
    }

    [Fact]
    public async Task Calls_DoNotDisturbEachOther()
    {
        const string OtherCall = "CAffffffffffffffffffffffffffffffff";
        await using var call = await TestCall.StartAsync();
        await using var other = await call.Bridge.CallAsync(OtherCall);
        var otherModel = await call.Server.AcceptConfiguredAsync();

        // A reset overtakes what was sent before it, so nothing may be under way.
        await otherModel.GreetAsync(other);
        otherModel.Abort();
        await (await call.Server.AcceptAsync()).ReceiveAsync("session.update");

        await call.Model.SendDeltaAsync("resp_1", "item_1", Frame(7));
        Assert.Equal(Frame(7), (await call.Caller.ReceiveAudioAsync()).Audio);
    }

    private static async Task FailAsync(TestCall call, string responseId)
    {
        await call.Model.StartResponseAsync(responseId);
        await call.Model.EndResponseAsync(responseId, "failed", """{"type":"failed","error":{"type":"server_error"}}""");
    }

    private static async Task ApologyThenCloseAsync(FakeTwilioStream caller)
    {
        var (audio, mark) = await caller.ReceiveAudioAsync();
        Assert.Equal(ClipLength("sorry-goodbye"), audio.Length);

        await caller.ReturnMarkAsync(mark);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await caller.ReceiveCloseAsync());
    }

    private static byte[] Frame(byte value)
    {
        var frame = new byte[160];
        Array.Fill(frame, value);
        return frame;
    }

    private static long ClipLength(string name) =>
        typeof(VoiceAssistant.MediaBridge.Relay.Clips).Assembly.GetManifestResourceStream($"{name}.ulaw")!.Length;
}
