using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>No call lasts for ever, and none without its caller; here, three minutes at most.</summary>
public sealed class CallLimitsTests : IAsyncLifetime
{
    private readonly StandingClock _time = new();
    private TestCall _call = null!;
    private int _frames;

    private FakeTwilioStream Caller => _call.Caller;

    public async ValueTask InitializeAsync()
    {
        // Who speaks here sends one frame a second, and is not taken for silent in between.
        _call = await TestCall.StartAsync(_time, expiry: null, ("MAX_CALL_MINUTES", "3"), ("SILENCE_DURATION_MS", "2000"));
        await _time.TimerSetAsync(CallLimits.Interval);
        await _time.TimerSetAsync(StandingClock.Renewal);
        await AnswerAsync("greeting", "Hello.");
    }

    public ValueTask DisposeAsync() => _call.DisposeAsync();

    [Fact, Trait("Proves", "T-B1")]
    public async Task Caller_IsTold_AMinuteBeforeTheEnd_AndHearsGoodbye_AtTheEnd()
    {
        await TalkUntilAsync(110);
        Assert.Empty(await PassAsync(8));

        await ExpectPromptAsync(Prompts.TimeIsShort(60), within: 4);
        await AnswerAsync("warning", "One minute left.");
        Assert.Empty(await PassAsync(57));

        var ending = Caller.ExpectAsync(Clips.Goodbye);
        _time.Advance(TimeSpan.FromSeconds(1));
        await ending;
        await ExpectEndAsync("time_limit");
    }

    [Theory, Trait("Proves", "T-B1")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Caller_IsTold_WhenNobodySpeaks(bool callerSpeaks)
    {
        await TalkUntilAsync(118);
        var mark = await SayAsync("long", seconds: 9);
        if (callerSpeaks)
        {
            await _call.Model.SpeechStartedAsync();
            Assert.Equal("clear", (string?)(await Caller.ReceiveAsync())?["event"]);
            await _call.Model.ReceiveAsync("conversation.item.truncate");
            await _call.Model.EndResponseAsync("resp_long", "cancelled");
            await _call.BridgeHasHeardAsync(_call.Model);
        }

        Assert.Empty(await PassAsync(9));

        if (callerSpeaks)
        {
            await _call.Model.HearAsync("user_long", "This took a while.");
            await AnswerAsync("short", "It did.");
        }
        else
        {
            await _call.Model.EndResponseAsync("resp_long");
            await _call.BridgeHasHeardAsync(_call.Model);
            Assert.Empty(await PassAsync(2));
            await ListenAsync(mark);
        }

        await ExpectPromptAsync(Prompts.TimeIsShort(50), within: 4);
    }

    [Fact, Trait("Proves", "T-B1")]
    public async Task Goodbye_WaitsForTheEndOfTheSentence()
    {
        await TalkUntilAsync(178);
        var mark = await SayAsync("last", seconds: 6);
        await _call.Model.EndResponseAsync("resp_last");
        await _call.BridgeHasHeardAsync(_call.Model);
        var hearing = Caller.ReceiveAsync();

        await PassAsync(6);
        Assert.False(hearing.IsCompleted);
        await ListenAsync(mark);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("media", (string?)(await hearing)?["event"]);
        await Caller.ReturnMarkAsync((string)(await Caller.ReceiveAsync())!["mark"]!["name"]!);
        await ExpectEndAsync("time_limit");
    }

    [Fact, Trait("Proves", "T-B1")]
    public async Task Goodbye_CutsOff_WhatDoesNotComeToAnEnd()
    {
        await TalkUntilAsync(178);
        await SayAsync("long", seconds: 60);
        await _call.Model.EndResponseAsync("resp_long");
        await _call.BridgeHasHeardAsync(_call.Model);
        var hearing = Caller.ReceiveAsync();

        await PassAsync(9);
        Assert.False(hearing.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("clear", (string?)(await hearing)?["event"]);
        await Caller.ExpectAsync(Clips.Goodbye);
        await ExpectEndAsync("time_limit");
    }

    [Fact, Trait("Proves", "T-B1")]
    public async Task Goodbye_IsHeard_BeforeTheStreamCloses_AndHoldsItUpForNoLongerThanThat()
    {
        await TalkUntilAsync(179);
        var hearing = Caller.ReceiveAudioAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Clips.Goodbye.Bytes, (await hearing).Audio.Length);

        // Twilio never says that it was played.
        var since = _time.GetUtcNow();
        await _time.AdvanceUntilAsync(Caller.ReceiveCloseAsync(), _call.Bridge, Caller);

        Assert.InRange((_time.GetUtcNow() - since).TotalSeconds, Clips.Goodbye.Bytes / 8000.0, 20);
        await ExpectEndAsync("time_limit");
    }

    [Fact, Trait("Proves", "T-B1")]
    public async Task Call_EndsOnce_ThoughNothingMovesAnyMore()
    {
        await TalkUntilAsync(170);
        await _call.Model.StartResponseAsync("resp_1");
        await _call.Model.SendDeltaAsync("resp_1", "item_1", new byte[2 * SocketPair.MoreThanBuffersTake]);
        await Caller.ReceiveBeginningAsync();

        _time.Advance(TimeSpan.FromSeconds(60));
        await _call.Bridge.Log.WaitForAsync("[CallEnded]");
        await _time.AdvanceUntilAsync(() => _call.Bridge.Services.GetRequiredService<LiveCalls>().Count == 0);

        Assert.Contains("(time_limit)", Assert.Single(Ends), StringComparison.Ordinal);
    }

    [Fact, Trait("Proves", "T-B1")]
    public async Task Time_Counts_OverAllStreams()
    {
        const string CallSid = "CA11111111111111111111111111111111";
        var token = await _call.Bridge.IssueTokenAsync(CallSid);
        await _call.Bridge.Redis.HashSetAsync(
            $"va:call:{CallSid}", [new HashEntry("state", "minted"), new HashEntry("began", DateTimeOffset.UtcNow.AddMinutes(-10).ToUnixTimeMilliseconds())]);
        await using var caller = await FakeTwilioStream.ConnectAsync(_call.Bridge.Url);
        await caller.StartAsync(token, CallSid);
        var model = await _call.Server.AcceptConfiguredAsync();
        await _time.TimerSetAsync(CallLimits.Interval);
        await _time.TimerSetAsync(StandingClock.Renewal);
        await model.AnswerAsync(caller, "1", "Hello.");
        await _call.BridgeHasHeardAsync(model);

        var ending = caller.ExpectAsync(Clips.Goodbye);
        _time.Advance(TimeSpan.FromSeconds(1));

        await ending;
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await caller.ReceiveCloseAsync());
        Assert.Contains($"{CallSid} is over (time_limit)", Assert.Single(Ends), StringComparison.Ordinal);
    }

    [Fact, Trait("Proves", "T-B2")]
    public async Task SilentCaller_IsAskedAfterAMinute_AndHearsGoodbye_HalfAMinuteAfterTheQuestion()
    {
        Assert.Empty(await PassAsync(58));
        await ExpectPromptAsync(Prompts.AreYouThere, within: 4);
        var mark = await SayAsync("question", seconds: 4);
        await _call.Model.EndResponseAsync("resp_question");
        await _call.BridgeHasHeardAsync(_call.Model);
        await PassAsync(4);
        await ListenAsync(mark);

        var ending = Caller.ExpectAsync(Clips.Goodbye);
        await PassAsync(29);
        Assert.False(ending.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await ending;
        await ExpectEndAsync("caller_silent");
    }

    [Fact, Trait("Proves", "T-B2")]
    public async Task SilentCaller_HasHalfAMinute_AlsoWhereTheModelDoesNotAsk()
    {
        Assert.Empty(await PassAsync(58));
        while (await PassAsync(1) is [])
        {
        }

        // At once: nobody has looked at the clock since it was asked.
        await _call.Model.SendErrorAsync("conversation_already_has_active_response", RealtimeSession.ResponseEventId);
        await _call.BridgeHasHeardAsync(_call.Model);

        var ending = Caller.ExpectAsync(Clips.Goodbye);
        Assert.Empty(await PassAsync(25));
        Assert.False(ending.IsCompleted);
        await PassAsync(2);
        _time.Advance(TimeSpan.FromSeconds(4));
        await ending;
        await ExpectEndAsync("caller_silent");
    }

    // Who listens is not silent.
    [Fact, Trait("Proves", "T-B2")]
    public async Task Caller_IsNotAsked_ForAsLongAsTheyListen()
    {
        var mark = await SayAsync("story", seconds: 40);
        await _call.Model.EndResponseAsync("resp_story");
        await _call.BridgeHasHeardAsync(_call.Model);
        await PassAsync(40);
        await ListenAsync(mark);

        Assert.Empty(await PassAsync(58));
        await ExpectPromptAsync(Prompts.AreYouThere, within: 4);
    }

    [Theory, Trait("Proves", "T-B2")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Caller_HasAnotherMinute_WhoSaysSomething_OrPressesAKey(bool speaks)
    {
        await PassAsync(58);
        await ExpectPromptAsync(Prompts.AreYouThere, within: 4);
        await AnswerAsync("question", "Are you still there?");
        Assert.Empty(await PassAsync(27));

        if (speaks)
        {
            await _call.Model.HearAsync("user_1", "Yes.");
            await AnswerAsync("answer", "Good.");
        }
        else
        {
            await Caller.SendAsync($$$"""{"event":"dtmf","streamSid":"{{{FakeTwilioStream.StreamSid}}}","dtmf":{"track":"inbound_track","digit":"5"}}""");
            await _call.Model.ReceiveAsync("conversation.item.create");
        }

        // Until the end of the call is near.
        Assert.Empty(await PassAsync(30));
        await ExpectPromptAsync(Prompts.TimeIsShort(60), within: 8);
    }

    private IEnumerable<string> Ends => _call.Bridge.Log.Lines.Where(line => line.Contains("[CallEnded]", StringComparison.Ordinal));

    /// <summary>The caller and the model talk, and the model says what it is told to, up to this second of the call.</summary>
    private async Task TalkUntilAsync(int second)
    {
        for (var (now, turn) = (0, 0); now < second; turn++)
        {
            await _call.Model.HearAsync($"user_{turn}", "Go on.");
            await AnswerAsync($"{turn}", "I do.");
            var seconds = Math.Min(4, second - now);
            await PassAsync(seconds);
            now += seconds;
        }
    }

    private async Task AnswerAsync(string id, string words)
    {
        await _call.Model.AnswerAsync(Caller, id, words);
        await _call.BridgeHasHeardAsync(_call.Model);
    }

    /// <returns>The mark to be returned when it was heard.</returns>
    private async Task<string> SayAsync(string id, int seconds)
    {
        await _call.Model.StartResponseAsync($"resp_{id}");
        await _call.Model.SayAsync(id, "Well.", new byte[8000 * seconds]);
        var (_, mark) = await Caller.ReceiveAudioAsync();
        await _call.BridgeHasHeardAsync(_call.Model);
        return mark;
    }

    /// <summary>The caller has heard everything up to the mark.</summary>
    private async Task ListenAsync(string mark)
    {
        await Caller.ReturnMarkAsync(mark);
        await _call.BridgeHasReadEverythingAsync();
    }

    private async Task ExpectPromptAsync(string prompt, int within)
    {
        var told = await PassAsync(within);
        Assert.Equal([prompt, "response.create"], told.Select(@event => (string?)@event["item"]?["content"]?[0]?["text"] ?? (string?)@event["type"]));
    }

    /// <summary>Lets time pass, in steps that everybody lives through; not beyond the call's end, while Redis is being told of it.</summary>
    /// <returns>What the model was told meanwhile, but for what the caller said.</returns>
    private async Task<List<JsonNode>> PassAsync(int seconds)
    {
        var told = new List<JsonNode>();
        for (var second = 0; second < seconds; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _time.TimerSetAsync(CallLimits.Interval);
            var frame = await SpeakAsync();
            while (await _call.Model.ReceiveAsync() is var @event && (string?)@event["audio"] != frame)
            {
                told.Add(@event);
            }
        }

        return told;
    }

    private async Task<string> SpeakAsync()
    {
        var frame = Convert.ToBase64String(BitConverter.GetBytes(++_frames));
        await Caller.SendAsync($$$"""{"event":"media","streamSid":"{{{FakeTwilioStream.StreamSid}}}","media":{"payload":"{{{frame}}}"}}""");
        return frame;
    }

    private async Task ExpectEndAsync(string reason)
    {
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await Caller.ReceiveCloseAsync());
        await _call.Bridge.Log.WaitForAsync("[CallEnded]");
        Assert.Contains($"({reason})", Assert.Single(Ends), StringComparison.Ordinal);
    }
}
