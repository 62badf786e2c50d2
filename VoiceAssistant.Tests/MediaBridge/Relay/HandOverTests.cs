using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using VoiceAssistant.Local;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>One call, two bridges, one Redis, and the webhook that Twilio asks in between.</summary>
public sealed class HandOverTests : IAsyncLifetime
{
    private const string CallSid = FakeTwilioStream.CallSid;

    private readonly EmbeddedRedis _redis = new();
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly List<LogRecorder> _logs = [];
    private FakeRealtimeServer _model = null!;
    private WebhookHost _webhook = null!;
    private BridgeHost _other = null!;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeRealtimeServer.StartAsync();
        _webhook = await WebhookHost.StartAsync(_redis.ConnectionString);
        _logs.Add(_webhook.Log);
        _other = await StartBridgeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }

        await _webhook.DisposeAsync();
        await _model.DisposeAsync();
        _redis.Dispose();
    }

    [Fact, Trait("Proves", "R12")]
    public async Task Conversation_GoesOnAtTheOtherBridge_BetweenTwoTurns_AndNobodyGreetsAgain()
    {
        var bridge = await StartBridgeAsync();
        var caller = await CallAsync(bridge.Url);
        await ConverseAsync(caller);

        Calls(bridge).HandOver(HandOverMoment.BetweenTurns);

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await caller.ReceiveCloseAsync());
        var next = await GoOnAsync(_other.Url, 1);
        var model = await _model.AcceptNextAsync();
        Assert.Equal(["assistant: Hello there.", "user: What is Paris?", "assistant: A city."], await model.ReceiveStoryAsync(next));
        await model.AnswerAsync(next, "3", "Anything else?");
        await caller.CloseAsync();
        await LeftAsync(bridge);
        Assert.Equal(1, Calls(_other).Count);

        // Its place among all calls is not another's meanwhile.
        await bridge.IdleAsync();
        Assert.NotNull(await _other.Redis.SortedSetScoreAsync("va:calls", CallSid));

        await EndAsync(next, resumes: 1);
    }

    [Fact, Trait("Proves", "R12")]
    public async Task Conversation_GoesOnInMidSentence_WhereThereIsNoTimeToWait()
    {
        var bridge = await StartBridgeAsync();
        var caller = await CallAsync(bridge.Url);
        var model = await ConverseAsync(caller);
        await model.StartResponseAsync("resp_3");
        await model.SayAsync("3", "Paris is the capital of", new byte[8000]);
        await caller.ReceiveAudioAsync();

        Calls(bridge).HandOver(HandOverMoment.Now);
        Calls(bridge).HandOver(HandOverMoment.BetweenTurns);

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await caller.ReceiveCloseAsync());
        var next = await GoOnAsync(_other.Url, 1);
        var story = await (await _model.AcceptNextAsync()).ReceiveStoryAsync(next);
        Assert.Equal([$"system: {Prompts.GoOn(OpenTurn.RestOfAnswer)}", "response"], story[^2..]);

        await EndAsync(next, resumes: 1);
    }

    [Fact, Trait("Proves", "R12")]
    public async Task CallIsNotLeft_WhileSomebodySpeaks()
    {
        var bridge = await StartBridgeAsync();
        var caller = await CallAsync(bridge.Url);
        var model = await ConverseAsync(caller);
        await model.SpeechStartedAsync();

        Calls(bridge).HandOver(HandOverMoment.BetweenTurns);
        await model.HearAsync("user_2", "And Rome?");
        await model.AnswerAsync(caller, "3", "A city, too.");

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await caller.ReceiveCloseAsync());
        var next = await GoOnAsync(_other.Url, 1);
        var story = await (await _model.AcceptNextAsync()).ReceiveStoryAsync(next);
        Assert.Equal(["user: And Rome?", "assistant: A city, too."], story[^2..]);
    }

    [Fact, Trait("Proves", "R12")]
    public async Task Conversation_GoesOn_WhereTheServiceStops()
    {
        var bridge = await StartBridgeAsync();
        var caller = await CallAsync(bridge.Url);
        await ConverseAsync(caller);

        var stopping = bridge.StopAsync();
        await caller.ReceiveCloseAsync();

        var next = await GoOnAsync(_other.Url, 1);
        Assert.Equal(3, (await (await _model.AcceptNextAsync()).ReceiveStoryAsync(next)).Count);
        await stopping;
        await EndAsync(next, resumes: 1);
    }

    [Fact, Trait("Proves", "R13")]
    public async Task Conversation_GoesOn_WithAnApology_WhereTheBridgeIsKilled()
    {
        var bridge = await RunningService.StartBridgeAsync(_redis.ConnectionString, _model.Url);
        _parts.Add(bridge);
        var caller = await CallAsync(bridge.StreamUrl);
        await ConverseAsync(caller);
        await SaidAsync("A city.");

        await bridge.KillAsync();

        Assert.Null(await caller.ReceiveCloseAsync());
        var next = await GoOnAsync(_other.Url, 1);
        var model = await _model.AcceptNextAsync();
        Assert.Equal(
            ["assistant: Hello there.", "user: What is Paris?", "assistant: A city.", $"system: {Prompts.GoOn(OpenTurn.CutOff)}", "response"],
            await model.ReceiveStoryAsync(next));
        await model.AnswerAsync(next, "3", "Sorry, we were cut off.");

        await EndAsync(next, resumes: 1);
    }

    // Its own bridge would have gone on trying.
    [Fact, Trait("Proves", "R12")]
    public async Task Conversation_GoesOn_WhereTheOtherBridgeHasGivenTheModelUpForAWhile()
    {
        var bridge = await StartBridgeAsync();
        var caller = await CallAsync(bridge.Url);
        await ConverseAsync(caller);
        for (var failure = 0; failure < 5; failure++)
        {
            _other.Services.GetRequiredService<ModelHealth>().Failed();
        }

        Calls(bridge).HandOver(HandOverMoment.Now);

        await caller.ReceiveCloseAsync();
        var next = await GoOnAsync(_other.Url, 1);
        Assert.Equal(3, (await (await _model.AcceptNextAsync()).ReceiveStoryAsync(next)).Count);
        await EndAsync(next, resumes: 1);
    }

    [Fact, Trait("Proves", "R15"), Trait("Proves", "R17")]
    public async Task Conversation_GoesOn_WhereAProxyThatRestartsClosesTheStream()
    {
        var bridge = await StartBridgeAsync();
        var caller = await CallAsync(bridge.Url);
        await ConverseAsync(caller);

        await caller.CloseAsync(WebSocketCloseStatus.EndpointUnavailable);

        await LeftAsync(bridge);
        var next = await GoOnAsync(_other.Url, 1);
        Assert.Equal(3, (await (await _model.AcceptNextAsync()).ReceiveStoryAsync(next)).Count);
        await EndAsync(next, resumes: 1);
    }

    [Fact, Trait("Proves", "R8")]
    public async Task CallStays_WhereNobodyCouldGoOnWithIt()
    {
        await using var bridge = await BridgeHost.StartAsync(_model.Url, new PatientClock());
        await using var caller = await bridge.CallAsync();
        var model = await ConverseAsync(caller);
        bridge.StopRedis();

        Calls(bridge).HandOver(HandOverMoment.Now);
        await bridge.Log.WaitForAsync("[NotKept]");

        await model.AnswerAsync(caller, "3", "Still here.");
    }

    // A consume that timed out may have run, and is not repeated: the call gets one more token instead.
    [Fact, Trait("Proves", "R6")]
    public async Task CallThatRedisDidNotAdmit_GetsOneMoreToken_WhenRedisIsBack()
    {
        RedisServer.Require();
        await using var redis = await RedisServer.StartAsync();
        await using var webhook = await WebhookHost.StartAsync(redis.ConnectionString);
        await using var bridge = await BridgeHost.StartAsync(_model.Url, new PatientClock(), [new("ConnectionStrings:redis", redis.ConnectionString)]);
        var token = TestTwiml.Token(await AskAsync(webhook, TwilioRequest.IncomingCall));
        await using var caller = await FakeTwilioStream.ConnectAsync(bridge.Url);

        redis.Freeze();
        await caller.StartAsync(token);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await caller.ReceiveCloseAsync());
        redis.Thaw();

        await using var next = await FakeTwilioStream.ConnectAsync(bridge.Url);
        await next.StartAsync(TestTwiml.Token(await AskAsync(webhook, TwilioRequest.StreamEnded(CallSid))));
        await (await _model.AcceptConfiguredAsync()).AnswerAsync(next, "1", "Hello there.");
    }

    private static LiveCalls Calls(BridgeHost bridge) => bridge.Services.GetRequiredService<LiveCalls>();

    private async Task<BridgeHost> StartBridgeAsync()
    {
        var bridge = await BridgeHost.StartAsync(
            _model.Url, new PatientClock(), [new("ConnectionStrings:redis", _redis.ConnectionString), new("DRAIN_SECONDS", "10")]);
        _parts.Add(bridge);
        _logs.Add(bridge.Log);
        return bridge;
    }

    private async Task<FakeTwilioStream> CallAsync(string url) => await ConnectAsync(url, await AskAsync(_webhook, TwilioRequest.IncomingCall));

    private async Task<FakeTwilioStream> GoOnAsync(string url, int sequence) => await ConnectAsync(url, await AskAsync(_webhook, TwilioRequest.StreamEnded(CallSid, sequence)));

    private async Task<FakeTwilioStream> ConnectAsync(string url, string twiml)
    {
        var stream = await FakeTwilioStream.ConnectAsync(url);
        _parts.Add(stream);
        await stream.StartAsync(TestTwiml.Token(twiml));
        return stream;
    }

    private static async Task<string> AskAsync(WebhookHost webhook, TwilioRequest request)
    {
        using var response = await webhook.SendAsync(request);
        return await TestTwiml.ReadAsync(response);
    }

    private async Task<FakeRealtimeSession> ConverseAsync(FakeTwilioStream caller)
    {
        var model = await _model.AcceptConfiguredAsync();
        await model.AnswerAsync(caller, "1", "Hello there.");
        await model.HearAsync("user_1", "What is Paris?");
        await model.AnswerAsync(caller, "2", "A city.");
        return model;
    }

    private static async Task LeftAsync(BridgeHost bridge)
    {
        for (var end = TestTimeout.Token; Calls(bridge).Count > 0;)
        {
            await Task.Delay(10, end);
        }
    }

    private async Task SaidAsync(string words)
    {
        for (var end = TestTimeout.Token; !((string?)await _other.Redis.StringGetAsync($"va:said:{CallSid}") ?? "").Contains(words, StringComparison.Ordinal);)
        {
            await Task.Delay(10, end);
        }
    }

    /// <summary>The caller hangs up: there is one end record, and nothing is left of what was said.</summary>
    private async Task EndAsync(FakeTwilioStream caller, int resumes)
    {
        await caller.StopAsync();
        await _other.Log.WaitForAsync($"Call {CallSid} is over (caller_left)");

        Assert.Equal("<Response />", await AskAsync(_webhook, TwilioRequest.StreamEnded(CallSid, resumes + 1, "completed")));
        var record = Assert.Single(_logs.SelectMany(log => log.Lines), line => line.Contains("[CallEnded]", StringComparison.Ordinal));
        Assert.Contains($" {resumes} resumes,", record, StringComparison.Ordinal);
        Assert.False(await _other.Redis.KeyExistsAsync($"va:said:{CallSid}"));
    }
}
