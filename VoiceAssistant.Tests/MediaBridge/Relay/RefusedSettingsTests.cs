using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>The model refuses a field of the session's settings, and callers notice as little of it as can be.</summary>
[Trait("Proves", "R34")]
public sealed class RefusedSettingsTests : IAsyncLifetime
{
    private const string Voice = "session.audio.output.voice";

    private const string NoNova =
        "Invalid value: 'nova'. Supported values are: 'alloy', 'ash', 'ballad', 'coral', 'echo', 'sage', 'shimmer', 'verse', 'marin', and 'cedar'.";

    private readonly StandingClock _time = new();
    private FakeRealtimeServer _model = null!;

    public async ValueTask InitializeAsync() => _model = await FakeRealtimeServer.StartAsync();

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    [Fact]
    public async Task Caller_IsGreetedAndAnswered_AndHearsNoNoise()
    {
        await using var bridge = await StartAsync(("VOICE", "nova"));
        await using var caller = await bridge.CallAsync();
        var (first, told) = await AcceptAsync();
        Assert.Equal("nova", (string?)told["audio"]!["output"]!["voice"]);
        await first.ReceiveAsync("response.create");

        // What it says then is in its default format.
        await first.RefuseSettingsAsync(Voice, NoNova);
        await first.StartResponseAsync("resp_noise");
        await first.SendDeltaAsync("resp_noise", "item_noise", new byte[4800]);

        var (second, less) = await AcceptAsync();
        told["audio"]!["output"]!.AsObject().Remove("voice");
        Assert.Equal(told.ToJsonString(), less.ToJsonString());
        await second.TakeSettingsAsync();
        await second.ReceiveAsync("response.create");
        await second.AnswerAsync(caller, "greeting", "Hello.");
        await second.HearAsync("user_1", "How are you?");
        await second.AnswerAsync(caller, "1", "Fine.");
        Assert.Null(await first.Ended);

        await using var other = await bridge.CallAsync("CAffffffffffffffffffffffffffffffff");
        Assert.Equal(less.ToJsonString(), (await AcceptAsync()).Session.ToJsonString());
        Assert.Equal(
            [
                "VOICE=nova is refused by the model (invalid_value, session.audio.output.voice) and left out from now on: the model's default voice speaks."
                + " Supported are alloy, ash, ballad, coral, echo, sage, shimmer, verse, marin, cedar.",
            ],
            LeftOut(bridge));
        Assert.Empty(bridge.Log.Errors);
    }

    [Fact]
    public async Task Fields_AreLeftOut_OneAfterTheOther()
    {
        await using var bridge = await StartAsync(("REALTIME_SESSION", """{"reasoning":{"effort":"much"},"foo":1}"""));
        await using var caller = await bridge.CallAsync();
        await RefuseNextAsync(Voice);
        await RefuseNextAsync("session.audio.input.transcription.model");
        await RefuseNextAsync("session.reasoning.effort");
        await RefuseNextAsync(null, "Unknown parameter: 'session.foo'.");

        await (await _model.AcceptConfiguredAsync()).GreetAsync(caller);

        Assert.Equal(["VOICE=marin", "TRANSCRIPTION_MODEL=gpt-transcribe", "A", "A"], LeftOut(bridge).Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public async Task Field_IsLeftOut_WhereTheModelDoesNotSayWhichEventItRefuses()
    {
        await using var bridge = await StartAsync();
        await using var caller = await bridge.CallAsync();
        var (first, _) = await AcceptAsync();
        await first.RefuseSettingsAsync(Voice, eventId: null);

        var second = await _model.AcceptConfiguredAsync();
        await second.RefuseSettingsAsync("session.audio.input.transcription", eventId: null);

        // Once it has taken them, it means something else.
        await second.GreetAsync(caller);
        Assert.Equal(["VOICE=marin"], LeftOut(bridge).Select(line => line.Split(' ')[0]));
    }

    [Theory]
    [InlineData("session.audio.input.format.type")]
    [InlineData("session.instructions")]
    [InlineData("session.type")]
    [InlineData("session.foo")]
    [InlineData(null)]
    public async Task Caller_HearsAnApology_WhereAConversationCannotDoWithout(string? param)
    {
        await using var bridge = await StartAsync();
        await using var caller = await bridge.CallAsync();
        await RefuseNextAsync(param, NoNova);

        await caller.ExpectGoodbyeAsync();

        Assert.Equal(1, _model.Handshakes);
        Assert.Empty(LeftOut(bridge));
        var error = Assert.Single(bridge.Log.Errors);
        Assert.Contains("[ModelRefuses]", error, StringComparison.Ordinal);
        Assert.Contains(string.IsNullOrEmpty(param) ? "(invalid_value)" : $"(invalid_value, {param})", error, StringComparison.Ordinal);
        Assert.DoesNotContain(bridge.Log.Lines, line => line.Contains("nova", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Callers_AreGreeted_WhoseSessionsAreRefusedAtOnce()
    {
        await using var bridge = await StartAsync();
        await using var one = await bridge.CallAsync();
        var (first, _) = await AcceptAsync();
        await using var other = await bridge.CallAsync("CAffffffffffffffffffffffffffffffff");
        var (second, told) = await AcceptAsync();
        Assert.NotNull(told["audio"]!["output"]!["voice"]);

        await first.RefuseSettingsAsync(Voice);
        await (await _model.AcceptConfiguredAsync()).GreetAsync(one);
        await second.RefuseSettingsAsync(Voice);
        await (await _model.AcceptConfiguredAsync()).GreetAsync(other);

        Assert.Single(LeftOut(bridge));
        Assert.Equal(4, _model.Handshakes);
    }

    [Fact]
    public async Task Call_GoesOn_WhereTheNextSessionIsRefused()
    {
        await using var call = await TestCall.StartAsync(_time);
        await call.Model.AnswerAsync(call.Caller, "1", "Hello there.");
        await call.Model.CloseAsync();
        await RefuseNextAsync(call.Server, "session.audio.input.transcription.model");

        var next = await call.Server.AcceptNextAsync();

        Assert.Equal(["assistant: Hello there."], await next.ReceiveStoryAsync(call.Caller));
        Assert.Single(LeftOut(call.Bridge));
    }

    [Fact]
    public async Task Call_GoesOn_WhereTheSessionThatIsToTakeOverIsRefused()
    {
        await using var call = await TestCall.StartAsync(_time, () => _time.GetUtcNow().AddSeconds(10));
        await call.Model.AnswerAsync(call.Caller, "1", "Hello.");
        await call.BridgeHasHeardAsync(call.Model);
        var due = _time.GetUtcNow().AddSeconds(9);
        await _time.AdvanceUntilAsync(() => _time.GetUtcNow() >= due, call.Bridge, call.Caller);

        // The clock stands still: both take their real time.
        await RefuseNextAsync(call.Server, Voice);
        var next = await call.Server.AcceptNextAsync();

        var told = next.ReceiveTextsUntilAsync("input_audio_buffer.append");
        await _time.AdvanceUntilAsync(told, call.Bridge, call.Caller);
        Assert.Equal(["Hello."], await told);
        Assert.Single(LeftOut(call.Bridge));
    }

    [Theory]
    [InlineData("session")]
    [InlineData(null)]
    public async Task NoCaller_Notices_WhereASessionThatWaitsForOneIsRefused(string? eventId)
    {
        await using var bridge = await StartAsync(("WARM_SESSIONS", "1"), ("VOICE", "nova"));
        var (refused, _) = await AcceptAsync();
        await refused.RefuseSettingsAsync(Voice, eventId: eventId);
        var (ready, told) = await AcceptAsync();
        Assert.Null(told["audio"]!["output"]!["voice"]);
        await ready.TakeSettingsAsync();
        for (var end = TestTimeout.Token; bridge.Services.GetRequiredService<WarmSessions>().Count == 0;)
        {
            await Task.Delay(10, end);
        }

        await using var caller = await bridge.CallAsync();

        Assert.Equal("response.create", (string?)(await ready.ReceiveAsync())["type"]);
        await ready.GreetAsync(caller);
        Assert.Single(LeftOut(bridge));
    }

    [Fact]
    public async Task Operator_IsTold_WhereNoSessionWillBeTaken()
    {
        await using var bridge = await StartAsync(("WARM_SESSIONS", "1"));
        await RefuseNextAsync("session.audio.output.format.type");

        await bridge.Log.WaitForAsync("[WarmFailed] No connection to the model can be kept ready: it refuses the session's settings (invalid_value, session.audio.output.format.type)");
    }

    [Theory]
    [InlineData("VOICE", "nova", true)]
    [InlineData("VOICE", "Marin", true)]
    [InlineData("VOICE", "cedar", false)]
    [InlineData("VOICE", "", false)]
    [InlineData("REALTIME_SESSION", """{"audio":{"output":{"voice":"nova"}}}""", true)]
    [InlineData("REALTIME_SESSION", """{"audio":{"output":{"voice":{"id":"voice_1"}}}}""", false)]
    public async Task Voice_IsDoubtedAtStart_WhereItIsNotKnown(string setting, string value, bool isDoubted)
    {
        await using var bridge = await StartAsync((setting, value));

        Assert.Equal(isDoubted, bridge.Log.Lines.Any(line => line.Contains($"[VoiceUnknown] {setting} names the voice ", StringComparison.Ordinal)));
        Assert.Equal(isDoubted, bridge.Log.Lines.Any(line => line.Contains("[VoiceUnknown]", StringComparison.Ordinal)));
    }

    private Task<BridgeHost> StartAsync(params (string Name, string Value)[] settings) =>
        BridgeHost.StartAsync(_model.Url, _time, settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Name, setting.Value)));

    private async Task<(FakeRealtimeSession Model, JsonNode Session)> AcceptAsync()
    {
        var session = await _model.AcceptAsync();
        return (session, (await session.ReceiveAsync("session.update"))["session"]!);
    }

    private Task RefuseNextAsync(string? param, string message = "…") => RefuseNextAsync(_model, param, message);

    private static async Task RefuseNextAsync(FakeRealtimeServer model, string? param, string message = "…")
    {
        var session = await model.AcceptAsync();
        await session.ReceiveAsync("session.update");
        await session.RefuseSettingsAsync(param, message);
    }

    private static IEnumerable<string> LeftOut(BridgeHost bridge) => bridge.Log.Lines
        .Where(line => line.Contains("[SettingLeftOut]", StringComparison.Ordinal)).Select(line => line[(line.IndexOf(']', StringComparison.Ordinal) + 2)..].TrimEnd());
}
