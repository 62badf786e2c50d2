using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>A caller who waits for a model that is there and sends nothing is told that somebody is there.</summary>
[Trait("Proves", "R16")]
public sealed class WaitingTests : IAsyncLifetime
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly byte[] Loud = [.. Enumerable.Repeat((byte)0x10, 160)];

    private readonly FakeTimeProvider _time = new();
    private TestCall _call = null!;
    private int _passed;

    private FakeTwilioStream Caller => _call.Caller;

    private bool IsModelLost => _call.Bridge.Log.Lines.Any(line => line.Contains("[SessionLost]", StringComparison.Ordinal));

    public async ValueTask InitializeAsync()
    {
        _call = await TestCall.StartAsync(_time);
        await _call.Model.AnswerAsync(Caller, "greeting", "Hello.");
    }

    public ValueTask DisposeAsync() => _call.DisposeAsync();

    [Fact]
    public async Task OneMoment_IsSaidAgainAndAgain_WhereTheCallersWordsAreNotAnswered_AndThenTheModelIsReplaced()
    {
        await _call.Model.HearAsync("user_1", "Are you there?");
        await _call.BridgeHasHeardAsync(_call.Model);
        var since = _time.GetUtcNow();

        await PassUntilAsync(Caller.ExpectAsync(Clips.OneMoment));
        Assert.InRange(_time.GetUtcNow() - since, Patience.Silent, TimeSpan.MaxValue);
        var first = _time.GetUtcNow();
        await PassUntilAsync(Caller.ExpectAsync(Clips.OneMoment));
        Assert.InRange(_time.GetUtcNow() - first, Patience.AnotherMoment - Step, TimeSpan.MaxValue);

        await PassUntilAsync(_call.Model.Ended);
        Assert.InRange(_time.GetUtcNow() - since, Patience.Responding, TimeSpan.MaxValue);
        Assert.Contains("response", await (await _call.Server.AcceptNextAsync()).ReceiveStoryAsync(Caller));
    }

    [Fact]
    public async Task OneMoment_IsSaid_WhereTheModelIsBusy_AndNothingOfItIsHeard()
    {
        await _call.Model.HearAsync("user_1", "Are you there?");
        await _call.Model.StartResponseAsync("resp_1");

        await PassUntilAsync(Caller.ExpectAsync(Clips.OneMoment), meanwhile: () => _call.Model.SendAsync(
            """{"type":"response.function_call_arguments.delta","event_id":"e","response_id":"resp_1","item_id":"item_1","delta":"{"}"""));

        await _call.Model.AnswerAsync(Caller, "1", "Yes.");
        Assert.Equal(1, _call.Server.Handshakes);
    }

    [Fact]
    public async Task OneMoment_IsSaid_WhereTheModelDoesNotHearThatTheCallerHasFinished()
    {
        await _call.Model.SpeechStartedAsync();
        await _call.BridgeHasHeardAsync(_call.Model);
        await PassAsync(seconds: 10, Loud);
        var hearing = Caller.PeekAsync();
        Assert.False(hearing.IsCompleted);
        var since = _time.GetUtcNow();

        await PassUntilAsync(Caller.ExpectAsync(Clips.OneMoment));
        Assert.InRange(_time.GetUtcNow() - since, Patience.Silent, TimeSpan.MaxValue);

        await PassUntilAsync(_call.Model.Ended);
        Assert.InRange(_time.GetUtcNow() - since, Patience.Responding, TimeSpan.MaxValue);
    }

    [Fact]
    public async Task NothingIsSaid_WhereNobodyWaits()
    {
        await PassAsync(seconds: 20);

        Assert.False(Caller.PeekAsync().IsCompleted);
    }

    [Fact]
    public async Task NothingIsSaid_WhereTheCallerIsToSayItAgain()
    {
        await _call.Model.HearAsync("user_1", "Are you there?");
        await FailAsync("resp_1");
        await Caller.ExpectAsync(Clips.OneMoment);
        await _call.Model.ReceiveAsync("response.create");
        await FailAsync("resp_2");
        await Caller.ExpectAsync(Clips.SayThatAgain);
        await _call.BridgeHasReadEverythingAsync();

        await PassAsync(seconds: 20);

        Assert.False(Caller.PeekAsync().IsCompleted);
    }

    [Fact]
    public async Task OneMoment_IsNotSaidTwice_WhereTheAnswerFailsJustThen()
    {
        await _call.Model.HearAsync("user_1", "Are you there?");
        await PassUntilAsync(Caller.ExpectAsync(Clips.OneMoment));
        await FailAsync("resp_1");
        await _call.Model.ReceiveAsync("response.create");

        Assert.False(Caller.PeekAsync().IsCompleted);
        await PassUntilAsync(Caller.ExpectAsync(Clips.OneMoment));
    }

    private async Task FailAsync(string id)
    {
        await _call.Model.StartResponseAsync(id);
        await _call.Model.EndResponseAsync(id, "failed", """{"type":"failed","error":{"type":"server_error","code":"server_error"}}""");
    }

    private async Task PassAsync(int seconds, byte[]? audio = null)
    {
        for (var end = _time.GetUtcNow() + TimeSpan.FromSeconds(seconds); _time.GetUtcNow() < end;)
        {
            await StepAsync(audio ?? [0x7F]);
        }
    }

    private async Task PassUntilAsync(Task happening, Func<Task>? meanwhile = null)
    {
        for (var end = TestTimeout.Token; !happening.IsCompleted; end.ThrowIfCancellationRequested())
        {
            await (meanwhile?.Invoke() ?? Task.CompletedTask);
            await StepAsync([0x7F]);
        }

        await happening;
    }

    // Nothing tells when the bridge has looked at the clock. The next session takes its real time.
    private async Task StepAsync(byte[] audio)
    {
        await Caller.SendMediaAsync(_passed += (int)Step.TotalMilliseconds, audio);
        await _call.Bridge.HeardAsync();
        if (!IsModelLost)
        {
            _time.Advance(Step);
        }

        await Task.Delay(5, TestTimeout.Token);
    }
}
