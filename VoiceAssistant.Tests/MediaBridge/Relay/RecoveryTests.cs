using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>The model's connection breaks in the middle of a call, and the conversation goes on in another session.</summary>
[Trait("Proves", "R1")]
public sealed class RecoveryTests : IAsyncLifetime
{
    // Stands still, so that however slow the machine is nobody waits in vain.
    private readonly StandingClock _time = new();
    private TestCall _call = null!;

    private FakeTwilioStream Caller => _call.Caller;

    public async ValueTask InitializeAsync() => _call = await TestCall.StartAsync(_time);

    public ValueTask DisposeAsync() => _call.DisposeAsync();

    [Theory]
    [InlineData("reset", "connection_lost")]
    [InlineData("close", "closed")]
    [InlineData("expire", "session_expired")]
    [InlineData("errors", "c")]
    public async Task NextSession_IsToldWhatWasSaid_AndSaysNothing_WhereNothingIsOwed(string how, string errorType)
    {
        await _call.Model.AnswerAsync(Caller, "1", "Hello there.");
        await _call.Model.HearAsync("user_1", "What is Paris?");
        await _call.Model.AnswerAsync(Caller, "2", "A city.");
        using var telemetry = new TelemetryRecorder(_call.Bridge.Meters);
        await LoseAsync(how);

        var next = await _call.Server.AcceptNextAsync();

        Assert.Equal(["assistant: Hello there.", "user: What is Paris?", "assistant: A city."], await next.ReceiveStoryAsync(Caller));
        await next.AnswerAsync(Caller, "3", "Anything else?");
        await _call.Bridge.Log.WaitForAsync("[SessionRestored]");
        Assert.Equal([1], telemetry.Measured("va.openai.reconnects", "reason", errorType));
    }

    [Fact]
    public async Task Greeting_IsAskedForAgain_WhereNothingOfItWasHeard()
    {
        await LoseAsync();

        var next = await _call.Server.AcceptNextAsync();

        Assert.Contains("Hello", (string?)(await next.ReceiveAsync("response.create"))["response"]!["instructions"]);
    }

    [Fact]
    public async Task Answer_IsAskedFor_WhereTheCallerHasSpoken()
    {
        await _call.Model.AnswerAsync(Caller, "1", "Hello.");
        await _call.Model.HearAsync("user_1", "What is Paris?");
        await LoseAsync();

        var next = await _call.Server.AcceptNextAsync();

        Assert.Equal(["assistant: Hello.", "user: What is Paris?", "response"], await next.ReceiveStoryAsync(Caller));
    }

    [Fact]
    public async Task Answer_GoesOn_WhereItWasCutOff()
    {
        await _call.Model.StartResponseAsync("resp_1");
        await _call.Model.SayAsync("1", "Paris is the capital of", new byte[8000]);
        await Caller.ReceiveAudioAsync();
        await LoseAsync();

        var next = await _call.Server.AcceptNextAsync();

        Assert.Equal(["assistant: Paris is the capital of", $"system: {Prompts.GoOn(OpenTurn.RestOfAnswer)}", "response"], await next.ReceiveStoryAsync(Caller));
    }

    [Fact]
    public async Task Caller_IsAskedToSayItAgain_WhereTheirWordsAreLost()
    {
        await _call.Model.AnswerAsync(Caller, "1", "Hello.");
        await _call.Model.HearAsync("user_1", words: null);
        await LoseAsync();

        var next = await _call.Server.AcceptNextAsync();

        Assert.Equal(["assistant: Hello.", $"system: {Prompts.GoOn(OpenTurn.Question)}", "response"], await next.ReceiveStoryAsync(Caller));
    }

    [Fact]
    public async Task Caller_IsNotTalkedOver_WhereTheyWereSpeaking()
    {
        await _call.Model.AnswerAsync(Caller, "1", "Hello.");
        await _call.Model.SpeechStartedAsync();
        await LoseAsync();

        var next = await _call.Server.AcceptNextAsync();

        Assert.Equal(["assistant: Hello."], await next.ReceiveStoryAsync(Caller));
    }

    [Fact]
    public async Task OneMoment_IsSaid_AfterASecondOfSilence_AndSomebodyComesBack()
    {
        await _call.Model.AnswerAsync(Caller, "1", "Hello.");
        using var held = _call.Server.HoldHandshakes();
        await LoseAsync();

        await _time.TimerSetAsync(Patience.QuietGap);
        _time.Advance(Patience.QuietGap);
        await Caller.ExpectAsync(Clips.OneMoment);
        held.Dispose();
        var next = await _call.Server.AcceptNextAsync();

        Assert.Equal(["assistant: Hello.", $"system: {Prompts.GoOn(OpenTurn.None)}", "response"], await next.ReceiveStoryAsync(Caller));
    }

    // Whoever is in the middle of a conversation cannot wait for the end of a break.
    [Fact]
    public async Task NextSession_IsTried_ThoughNewCallsDoNotTryNow()
    {
        await _call.Model.AnswerAsync(Caller, "1", "Hello.");
        var health = _call.Bridge.Services.GetRequiredService<ModelHealth>();
        for (var failure = 0; failure < 5; failure++)
        {
            health.Failed();
        }

        await LoseAsync();
        var next = await _call.Server.AcceptNextAsync();

        Assert.Equal(["assistant: Hello."], await next.ReceiveStoryAsync(Caller));
        Assert.False(health.IsOpen);
    }

    [Fact]
    public async Task Goodbye_IsSaid_AfterTenSecondsInVain_NotAllOfThemSilent()
    {
        await _call.Model.GreetAsync(Caller);
        using var held = _call.Server.HoldHandshakes();
        var since = _time.GetUtcNow();
        await LoseAsync();

        await _time.AdvanceUntilAsync(Caller.ExpectAsync(Clips.OneMoment), _call.Bridge, Caller);
        await _time.AdvanceUntilAsync(Caller.ExpectAsync(Clips.OneMoment), _call.Bridge, Caller);
        await _time.AdvanceUntilAsync(Caller.ExpectAsync(Clips.SorryGoodbye), _call.Bridge, Caller);

        Assert.InRange(_time.GetUtcNow() - since, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(20));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await Caller.ReceiveCloseAsync());
    }

    [Fact]
    public async Task WhatTheCallerDoesMeanwhile_IsToldToTheNextSession_Once()
    {
        await _call.Model.AnswerAsync(Caller, "1", "Hello.");
        using var held = _call.Server.HoldHandshakes();
        await LoseAsync();
        await _call.Server.HandshakesAsync(2);

        for (byte i = 0; i < 50; i++)
        {
            await Caller.SendMediaAsync(20 * i, Frame(i));
        }

        await Caller.SendAsync($$$"""{"event":"dtmf","streamSid":"{{{FakeTwilioStream.StreamSid}}}","dtmf":{"track":"inbound_track","digit":"5"}}""");
        held.Dispose();
        var next = await _call.Server.AcceptNextAsync();
        await Caller.SendMediaAsync(1000, Frame(99));

        var (heard, told) = (new List<int>(), new List<string?>());
        while (heard is [] || heard[^1] != 99)
        {
            var @event = await next.ReceiveAsync();
            if ((string?)@event["audio"] is { } audio)
            {
                heard.Add(Convert.FromBase64String(audio)[0]);
            }
            else
            {
                told.Add((string?)@event["item"]!["content"]![0]!["text"]);
            }
        }

        Assert.Equal([.. Enumerable.Range(0, 50), 99], heard);
        Assert.Equal(["Hello.", "The caller pressed 5 on the keypad."], told);
    }

    [Fact]
    public async Task OldWords_AreCleared_AndNotTruncated_WhenTheCallerInterruptsThemInTheNextSession()
    {
        await _call.Model.StartResponseAsync("resp_1");
        await _call.Model.SayAsync("1", "One two three four", new byte[8 * 4000]);
        await Caller.ReceiveAudioAsync();
        await LoseAsync();
        var next = await _call.Server.AcceptNextAsync();
        await next.ReceiveStoryAsync(Caller);

        _time.Advance(TimeSpan.FromSeconds(2));
        await next.HearAsync("user_1", "Stop.");
        Assert.Equal("clear", (string?)(await Caller.ReceiveAsync())?["event"]);

        // What was heard of it is what the session after that is told; the one that now listens never had the item.
        await next.CloseAsync();
        Assert.DoesNotContain("conversation.item.truncate", await next.ReceiveTypesToEndAsync());
        Assert.Equal(["assistant: One two", "user: Stop.", "response"], await (await _call.Server.AcceptNextAsync()).ReceiveStoryAsync(Caller));
    }

    [Theory]
    [InlineData(WebSocketCloseStatus.PolicyViolation)]
    [InlineData((WebSocketCloseStatus)4000)]
    public async Task Goodbye_IsSaidAtOnce_WhereThePolicyIsAgainstUs(WebSocketCloseStatus status)
    {
        await _call.Model.CloseAsync(status);

        await Caller.ExpectGoodbyeAsync();
        Assert.Equal(1, _call.Server.Handshakes);
    }

    [Fact]
    [Trait("Proves", "R16")]
    public async Task Session_IsReplaced_WhenItFallsSilentWhileItIsToAnswer()
    {
        await _call.Model.GreetAsync(Caller);
        await _call.Model.HearAsync("user_1", "Are you there?");
        await _call.Model.StartResponseAsync("resp_1");

        await _time.AdvanceUntilAsync(_call.Model.Ended, _call.Bridge, Caller);

        Assert.Contains("response", await (await _call.Server.AcceptNextAsync()).ReceiveStoryAsync(Caller));
    }

    private async Task LoseAsync(string how = "close")
    {
        switch (how)
        {
            case "reset":
                // It overtakes what was sent before it, so nothing may be under way.
                await _call.Model.SendDeltaAsync("resp_2", "item_2", [0]);
                await Caller.ReturnMarkAsync((await Caller.ReceiveAudioAsync()).Mark);
                _call.Model.Abort();
                break;
            case "expire":
                await _call.Model.SendErrorAsync("session_expired");
                break;
            case "errors":
                await _call.Model.SendErrorAsync("a");
                await _call.Model.SendErrorAsync("b");
                await _call.Model.SendErrorAsync("c");
                break;
            default:
                await _call.Model.CloseAsync(WebSocketCloseStatus.EndpointUnavailable);
                break;
        }
    }

    private static byte[] Frame(byte value)
    {
        var frame = new byte[160];
        Array.Fill(frame, value);
        return frame;
    }
}
