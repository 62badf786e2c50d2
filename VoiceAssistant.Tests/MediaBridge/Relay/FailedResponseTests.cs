using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>What the model says instead of an answer.</summary>
[Trait("Proves", "R3")]
public sealed class FailedResponseTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private TestCall _call = null!;

    public async ValueTask InitializeAsync() => _call = await TestCall.StartAsync(_time);

    public ValueTask DisposeAsync() => _call.DisposeAsync();

    [Theory]
    [InlineData("""[{"name":"requests","limit":5,"remaining":4,"reset_seconds":60},{"name":"tokens","limit":9,"remaining":0,"reset_seconds":3.5}]""", 3500)]
    [InlineData("""[{"name":"requests","limit":5,"remaining":0,"reset_seconds":2},{"name":"tokens","limit":9,"remaining":0,"reset_seconds":400}]""", 5000)]
    public async Task RateLimit_IsWaitedFor_ForFiveSecondsAtMost(string limits, int milliseconds)
    {
        await _call.Model.HearAsync("user_1", "Hello?");
        await _call.Model.SendAsync($$"""{"type":"rate_limits.updated","event_id":"e","rate_limits":{{limits}}}""");
        await _call.Model.StartResponseAsync("resp_1");
        await _call.Model.EndResponseAsync("resp_1", "failed", """{"type":"failed","error":{"type":"rate_limit_error","code":"rate_limit_exceeded"}}""");

        await _call.Caller.ExpectAsync(Clips.OneMoment);
        var since = _time.GetUtcNow();
        var asked = _call.Model.ReceiveAsync("response.create");
        await _time.AdvanceUntilAsync(asked, _call.Bridge, _call.Caller);

        Assert.Null((await asked)["response"]);
        Assert.InRange((_time.GetUtcNow() - since).TotalMilliseconds, milliseconds, 60_000);
    }

    [Theory]
    [InlineData("response_cancel_not_active")]
    [InlineData("conversation_already_has_active_response")]
    [InlineData("item_truncate_invalid_item_id")]
    public async Task BenignErrors_ChangeNothing_HoweverMany(string code)
    {
        for (var i = 0; i < 10; i++)
        {
            await _call.Model.SendErrorAsync(code);
        }

        await _call.Model.AnswerAsync(_call.Caller, "1", "Hello.");
        Assert.Equal(1, _call.Server.Handshakes);
    }

    [Fact]
    public async Task RefusedRequest_IsAFailure_AsNoResponseFollows()
    {
        // The greeting's is the first. The caller has said nothing yet that they could say again.
        await _call.Model.SendErrorAsync("invalid_value", RealtimeSession.ResponseEventId);
        await _call.Caller.ExpectAsync(Clips.OneMoment);
        for (var retry = 1; retry <= 3; retry++)
        {
            Assert.NotNull((await _call.Model.ReceiveAsync("response.create"))["response"]!["instructions"]);
            await _call.Model.SendErrorAsync("invalid_value", RealtimeSession.ResponseEventId);
        }

        await _call.Caller.ExpectGoodbyeAsync();
        Assert.Equal(4, _call.Bridge.Log.Lines.Count(line => line.Contains("[ResponseFailed]", StringComparison.Ordinal) && line.Contains("invalid_value", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("insufficient_quota")]
    [InlineData("invalid_api_key")]
    [InlineData("account_deactivated")]
    [InlineData("billing_hard_limit_reached")]
    [InlineData("beta_api_shape_disabled")]
    public async Task Goodbye_IsSaidAtOnce_WhereTheAccountIsAtFault(string code)
    {
        await _call.Model.SendErrorAsync(code);

        await _call.Caller.ExpectGoodbyeAsync();
        Assert.Equal(1, _call.Server.Handshakes);
        Assert.Contains(code, Assert.Single(_call.Bridge.Log.Errors), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Proves", "R14")]
    public async Task EndlessAnswer_IsHeardInOrder_CutOff_AndInterruptedAtOnce()
    {
        await _call.Model.StartResponseAsync("resp_1");
        var sending = Task.Run(async () =>
        {
            for (var second = 0; second < 300; second++)
            {
                await _call.Model.SendDeltaAsync("resp_1", "item_1", Enumerable.Repeat((byte)second, 8000).ToArray());
            }

            await _call.Model.SpeechStartedAsync();
        }, TestTimeout.Token);

        for (var second = 0; second < 240; second++)
        {
            Assert.Equal((byte)second, (await _call.Caller.ReceiveAudioAsync()).Audio[0]);
        }

        // None of the audio that the caller will not hear stands in its way.
        Assert.Equal("clear", (string?)(await _call.Caller.ReceiveAsync())?["event"]);
        await sending;
        Assert.NotNull(await _call.Model.ReceiveAsync("response.cancel"));
        Assert.Equal(240_000, (int)(await _call.Model.ReceiveAsync("conversation.item.truncate"))["audio_end_ms"]!);
    }
}
