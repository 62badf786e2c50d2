using System.Diagnostics;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>What is said stands in the spans of the model's responses where a developer asks for it: in the conventions' form, and nowhere else.</summary>
public sealed class MessageContentTests : IAsyncLifetime
{
    private const string Setting = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

    private static readonly string[] Attributes = ["gen_ai.system_instructions", "gen_ai.input.messages", "gen_ai.output.messages"];

    private FakeRealtimeServer _model = null!;

    public async ValueTask InitializeAsync() => _model = await FakeRealtimeServer.StartAsync();

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    [Theory]
    [InlineData("true")]
    [InlineData("True ")]
    public async Task Words_AreInTheSpanOfTheirResponse_InDevelopment(string value)
    {
        var (spans, log) = await ConverseAsync("Development", value);

        var responses = spans.Where(span => span.OperationName.StartsWith("chat ", StringComparison.Ordinal)).ToDictionary(span => (string)span.GetTagItem("gen_ai.response.id")!);
        Assert.Equal(
            (
                """[{"type":"text","content":"Be brief."}]""",
                null,
                """[{"role":"assistant","parts":[{"type":"text","content":"Grüezi!"}],"finish_reason":"completed"}]"""),
            Content(responses["resp_0"]));
        Assert.Equal(
            (
                """[{"type":"text","content":"Be brief."}]""",
                """[{"role":"user","parts":[{"type":"text","content":"What's the \"time\"?"}]}]""",
                """[{"role":"assistant","parts":[{"type":"text","content":"It is noon."}],"finish_reason":"completed"}]"""),
            Content(responses["resp_1"]));
        Assert.All(spans.Except(responses.Values), span => Assert.Equal((null, null, null), Content(span)));
        Assert.DoesNotContain(log.Lines, line => line.Contains("[MessageContentIgnored]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Development", "")]
    [InlineData("Development", "false")]
    [InlineData("Development", "span_only")]
    [InlineData("Local", "true")]
    [InlineData("Staging", "true")]
    [InlineData("Production", "true")]
    public async Task Words_AreInNoSpan_AnywhereElse(string environment, string value)
    {
        var (spans, log) = await ConverseAsync(environment, value);

        Assert.Contains(spans, span => "resp_1".Equals(span.GetTagItem("gen_ai.response.id")));
        Assert.All(spans, span => Assert.Equal((null, null, null), Content(span)));
        var told = log.Lines.Where(line => line.Contains("[MessageContentIgnored]", StringComparison.Ordinal)).ToList();
        Assert.Equal(value is "true" ? 1 : 0, told.Count);
        Assert.All(told, line => Assert.Contains($"has no effect in the environment {environment}", line, StringComparison.Ordinal));
    }

    private async Task<(IReadOnlyList<Activity> Spans, LogRecorder Log)> ConverseAsync(string environment, string value)
    {
        await using var bridge = await BridgeHost.StartAsync(
            _model.Url,
            settings:
            [
                new(Setting, value), new("SYSTEM_MESSAGE", "Be brief."), new("DRAIN_SECONDS", "0"), new("HANDSHAKE_SIGNATURE", "Off"),
                new("PUBLIC_URL", "https://voice.example"),
            ],
            environment: environment);
        using var telemetry = new TelemetryRecorder(bridge.Meters);
        await using (var caller = await bridge.CallAsync())
        {
            var session = await _model.AcceptConfiguredAsync();
            await session.AnswerAsync(caller, "0", "Grüezi!");
            await session.HearAsync("item_1", words: null);
            await session.AnswerAsync(caller, "1", "It is noon.");
            await session.TranscribeAsync("item_1", """What's the \"time\"?""");
            // Events are handled in their order.
            await session.StartResponseAsync("resp_2");
            await session.SendDeltaAsync("resp_2", "item_2", new byte[160]);
            await caller.ReceiveAudioAsync();
            await caller.StopAsync();
        }

        await telemetry.CallAsync();
        return ([.. telemetry.Spans], bridge.Log);
    }

    private static (object?, object?, object?) Content(Activity span) =>
        (span.GetTagItem(Attributes[0]), span.GetTagItem(Attributes[1]), span.GetTagItem(Attributes[2]));
}
