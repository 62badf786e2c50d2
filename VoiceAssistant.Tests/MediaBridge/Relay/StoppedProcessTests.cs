using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>As <see cref="StopTests"/>, with the webhook and the bridge in processes of their own, and their own time.</summary>
[Trait("Proves", "R12")]
public sealed class StoppedProcessTests
{
    [Fact]
    public async Task Caller_HearsAGoodbye_AndTheRecordSaysWhy()
    {
        using var redis = new EmbeddedRedis();
        await using var webhook = await WebhookHost.StartAsync(redis.ConnectionString);
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var bridge = await RunningService.StartBridgeAsync(redis.ConnectionString, model.Url, [new("DRAIN_SECONDS", "0")]);
        using var answer = await webhook.SendAsync(TwilioRequest.IncomingCall);
        await using var caller = await FakeTwilioStream.ConnectAsync(bridge.StreamUrl);
        await caller.StartAsync(TestTwiml.Token(await TestTwiml.ReadAsync(answer)));
        using var over = new CancellationTokenSource();
        var speaking = SpeakAsync(caller, over.Token);
        var session = await model.AcceptConfiguredAsync();
        await session.GreetAsync(caller);

        bridge.Terminate();

        await caller.ExpectGoodbyeAsync();
        await over.CancelAsync();
        await speaking;
        using var asked = await webhook.SendAsync(TwilioRequest.StreamEnded(FakeTwilioStream.CallSid));
        Assert.Equal("<Response><Hangup /></Response>", await TestTwiml.ReadAsync(asked));
        await caller.CloseAsync();
        var (code, output) = await bridge.ExitAsync();
        Assert.Equal(0, code);
        Assert.Contains($"Call {FakeTwilioStream.CallSid} is over (stopped)", output, StringComparison.Ordinal);
    }

    // Who sends nothing for 5 s is gone.
    private static async Task SpeakAsync(FakeTwilioStream caller, CancellationToken over)
    {
        for (var passed = 0; !over.IsCancellationRequested; passed += 100)
        {
            await caller.TrySendMediaAsync(passed, [0x7F]);
            await Task.Delay(100, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
