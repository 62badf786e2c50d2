using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using VoiceAssistant.Local;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>A bridge is told to stop as platforms do it, by a signal to its process, and another is there.</summary>
[Trait("Proves", "R12")]
public sealed class DeploymentTests : IAsyncLifetime
{
    private const int Calls = 20;
    private const int MidTurn = 3;

    private readonly EmbeddedRedis _redis = new();
    private readonly ConcurrentBag<FakeTwilioStream> _streams = [];
    private readonly CancellationTokenSource _over = new();
    private FakeRealtimeServer _model = null!;
    private WebhookHost _webhook = null!;
    private RunningService _other = null!;
    private Task _speaking = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeRealtimeServer.StartAsync();
        _webhook = await WebhookHost.StartAsync(_redis.ConnectionString);
        _other = await StartBridgeAsync("45");
        _speaking = SpeakAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _speaking;
        foreach (var stream in _streams)
        {
            await stream.DisposeAsync();
        }

        await _other.DisposeAsync();
        await _webhook.DisposeAsync();
        await _model.DisposeAsync();
        _redis.Dispose();
        _over.Dispose();
    }

    // With a grace of 45 s, calls leave between two turns from the first moment on.
    [Fact]
    public async Task NoCallIsLost_AndEachKnowsAtTheOtherBridgeWhatWasSaid()
    {
        await using var bridge = await StartBridgeAsync("45");
        var calls = new List<Call>();
        for (var number = 0; number < Calls; number++)
        {
            calls.Add(await CallAsync(bridge, number));
        }

        var busy = calls[..MidTurn];
        foreach (var call in busy)
        {
            await call.Model.StartResponseAsync("resp_3");
        }

        Assert.Equal(HttpStatusCode.OK, await HealthAsync(bridge));
        bridge.Terminate();

        foreach (var call in calls[MidTurn..])
        {
            Assert.Equal(call.Said, await GoOnAsync(call));
            foreach (var other in busy)
            {
                // A model that says nothing for ten seconds in the middle of a turn is replaced.
                await other.Model.SendDeltaAsync("resp_3", "item_3", new byte[160]);
                await HearAsync(other);
            }
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await HealthAsync(bridge));
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => FakeTwilioStream.ConnectAsync(bridge.StreamUrl));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);

        foreach (var call in busy)
        {
            await call.Model.SayAsync("3", "More.", new byte[160]);
            await call.Model.TranscriptDoneAsync("3", "More.");
            await call.Model.EndResponseAsync("resp_3");
            await HearAsync(call);
            Assert.Equal([.. call.Said, "assistant: More."], await GoOnAsync(call));
        }

        var (code, output) = await bridge.ExitAsync();
        Assert.Equal(0, code);
        Assert.Contains($"of {Calls} calls 0 ended by themselves, {Calls} were handed over between two turns, 0 in mid-turn", output, StringComparison.Ordinal);

        foreach (var call in calls)
        {
            await call.Stream.StopAsync();
        }

        // A call whose caller is not known to have left would be handed over.
        foreach (var call in calls)
        {
            Assert.Equal(WebSocketCloseStatus.NormalClosure, await call.Stream.ReceiveCloseAsync());
        }

        _other.Terminate();
        var (otherCode, otherOutput) = await _other.ExitAsync();
        Assert.Equal(0, otherCode);
        var ends = (output + otherOutput).Split('\n').Concat(_webhook.Log.Lines).Where(line => line.Contains(" is over (", StringComparison.Ordinal)).ToList();
        Assert.All(calls, call => Assert.Contains($"Call {call.Sid} is over (caller_left)", Assert.Single(ends, end => end.Contains(call.Sid, StringComparison.Ordinal)), StringComparison.Ordinal));
    }

    [Fact]
    public async Task CallsLeaveInMidSentence_WhereTheSignalComesTwice()
    {
        await using var bridge = await StartBridgeAsync("600");
        var call = await CallAsync(bridge, 0);
        await call.Model.StartResponseAsync("resp_3");
        await call.Model.SayAsync("3", "Paris is the capital of", new byte[8000]);
        await call.Stream.ReceiveAudioAsync();

        bridge.Terminate();
        for (var end = TestTimeout.Token; await HealthAsync(bridge) is not HttpStatusCode.ServiceUnavailable;)
        {
            await Task.Delay(10, end);
        }

        await call.Model.SayAsync("3", "France, which is", new byte[8000]);
        await call.Stream.ReceiveAudioAsync();

        bridge.Terminate();

        var story = await GoOnAsync(call);
        Assert.Equal(call.Said, story[..call.Said.Count]);
        // On a busy machine Redis may not have been told in time: then the caller hears that they were cut off.
        Assert.Contains(story[^2], new[] { OpenTurn.RestOfAnswer, OpenTurn.CutOff }.Select(open => $"system: {Prompts.GoOn(open)}"));
        Assert.Equal("response", story[^1]);
        var (code, output) = await bridge.ExitAsync();
        Assert.Equal(0, code);
        Assert.Contains("of 1 calls 0 ended by themselves, 0 were handed over between two turns, 1 in mid-turn", output, StringComparison.Ordinal);
    }

    private Task<RunningService> StartBridgeAsync(string drainSeconds) =>
        RunningService.StartBridgeAsync(_redis.ConnectionString, _model.Url, new KeyValuePair<string, string>("DRAIN_SECONDS", drainSeconds));

    private static async Task<HttpStatusCode> HealthAsync(RunningService bridge)
    {
        using var response = await bridge.Client.GetAsync(new Uri(bridge.Addresses[0], "/health"), TestTimeout.Token);
        return response.StatusCode;
    }

    private async Task<Call> CallAsync(RunningService bridge, int number)
    {
        var request = TwilioRequest.NewCall();
        var call = new Call(WatchedSystem.CallSid(request), $"assistant: Hello, {number}.", $"user: What is {number}?", $"assistant: A number, {number}.");
        await ConnectAsync(call, bridge, request, _model.AcceptConfiguredAsync());
        await call.Model.AnswerAsync(call.Stream, "1", $"Hello, {number}.");
        await call.Model.HearAsync("user_1", $"What is {number}?");
        await call.Model.AnswerAsync(call.Stream, "2", $"A number, {number}.");
        return call;
    }

    /// <summary>The bridge closes the stream, and the call gets another one at the other bridge.</summary>
    /// <returns>What the model is told there.</returns>
    private async Task<List<string>> GoOnAsync(Call call)
    {
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await call.Stream.ReceiveCloseAsync());
        call.Stream.Abort();
        await ConnectAsync(call, _other, TwilioRequest.StreamEnded(call.Sid, call.Streams), _model.AcceptNextAsync());
        return await call.Model.ReceiveStoryAsync(call.Stream);
    }

    private async Task ConnectAsync(Call call, RunningService bridge, TwilioRequest request, Task<FakeRealtimeSession> accepting)
    {
        while (true)
        {
            using var response = await _webhook.SendAsync(request);
            var token = TestTwiml.Token(await response.Content.ReadAsStringAsync(TestTimeout.Token));
            call.Streams++;
            call.Stream = await FakeTwilioStream.ConnectAsync(bridge.StreamUrl);
            _streams.Add(call.Stream);
            await call.Stream.StartAsync(token, call.Sid);
            if (!await call.Stream.IsClosedBeforeAsync(accepting))
            {
                call.Model = await accepting;
                return;
            }

            request = TwilioRequest.StreamEnded(call.Sid, call.Streams);
        }
    }

    private static async Task HearAsync(Call call)
    {
        int length;
        do
        {
            // Where the machine is busy, the bridge may have asked for a moment's patience before.
            (var audio, var mark) = await call.Stream.ReceiveAudioAsync();
            length = audio.Length;
            await call.Stream.ReturnMarkAsync(mark);
        }
        while (length != 160);
    }

    // As Twilio does, also of a silent caller: who sends nothing for 5 s is gone.
    private async Task SpeakAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            for (var at = 0; await timer.WaitForNextTickAsync(_over.Token); at += 500)
            {
                foreach (var stream in _streams)
                {
                    await stream.TrySendMediaAsync(at, [0x7F]);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private sealed class Call(string sid, params List<string> said)
    {
        public string Sid { get; } = sid;

        public List<string> Said { get; } = said;

        /// <summary>How many it has had, which is the sequence of the last.</summary>
        public int Streams { get; set; }

        public FakeTwilioStream Stream { get; set; } = null!;

        public FakeRealtimeSession Model { get; set; } = null!;
    }
}
