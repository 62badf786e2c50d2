using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>What a conversation looks like to an operator: the waits, the interruptions, the tokens.</summary>
public sealed class TurnTraceTests : IDisposable
{
    private const string Done =
        """{"type":"response.done","response":{"id":"resp_1","status":"completed","output":[{"type":"message","content":[{"transcript":"Loud and clear!"}]},{"type":"function_call","name":"get_weather","call_id":"call_1","arguments":"{\"city\":\"Lima\"}"}],"usage":{"total_tokens":253,"input_tokens":132,"output_tokens":121,"input_token_details":{"text_tokens":119,"audio_tokens":13,"cached_tokens":64,"cached_tokens_details":{"text_tokens":60,"audio_tokens":4}},"output_token_details":{"text_tokens":30,"audio_tokens":91}}}}""";

    private readonly FakeTimeProvider _time = new();
    private readonly TestMeters _meters = new();
    private readonly TelemetryRecorder _telemetry;
    private readonly Activity _call;
    private readonly TurnTrace _turns;

    public TurnTraceTests()
    {
        _telemetry = new TelemetryRecorder(_meters);
        _call = Tracing.Source.StartActivity("voice.call")!;
        _turns = Turns(_call);
    }

    public void Dispose()
    {
        _turns.Dispose();
        _call.Dispose();
        _telemetry.Dispose();
    }

    [Fact]
    public void Answer_IsTimed_FromTheEndOfTheCallersSpeech()
    {
        Speak(TimeSpan.FromSeconds(2));
        Pass(300);
        _turns.ResponseCreated("resp_1");
        Pass(200);
        _turns.AudioSent(160);
        Pass(10);
        _turns.AudioSent(160);
        End(Done);

        var turn = _telemetry.Single("voice.turn");
        Assert.Equal(_call.SpanId, turn.ParentSpanId);
        Assert.Equal("speech", turn.GetTagItem("voice.turn.trigger"));
        Assert.Equal(2.0, turn.GetTagItem("voice.turn.speech.duration"));
        Assert.Equal(0.5, turn.GetTagItem("voice.turn.time_to_first_audio"));
        Assert.Equal([0.5], _telemetry.Measured("voice.turn.time_to_first_audio", "trigger", "speech"));
        Assert.Equal([0.5], _telemetry.Measured("gen_ai.client.inference.time_to_first_chunk"));
        Assert.Equal([2.5], _telemetry.Measured("voice.call.time_to_first_audio"));
    }

    [Fact]
    public void Greeting_IsTimed_FromWhenItWasAskedFor()
    {
        Pass(1000);
        _turns.GreetingAsked();
        _turns.ResponseCreated("resp_1");
        Pass(400);
        _turns.AudioSent(160);
        End(Done);

        Assert.Equal("greeting", _telemetry.Single("voice.turn").GetTagItem("voice.turn.trigger"));
        Assert.Equal([0.4], _telemetry.Measured("voice.turn.time_to_first_audio", "trigger", "greeting"));
        Assert.Equal([1.4], _telemetry.Measured("voice.call.time_to_first_audio"));
    }

    [Fact]
    public void Answer_IsNotTimed_FromSpeechThatTheCallerWentOnWith()
    {
        Speak(TimeSpan.FromSeconds(1));
        Pass(5000);
        _turns.SpeechStarted(interruption: null);
        _turns.ResponseCreated("resp_1");
        Pass(100);
        _turns.AudioSent(160);
        End(Done);

        Assert.Empty(_telemetry.Measured("voice.turn.time_to_first_audio"));
        Assert.Equal([1, 2], _telemetry.All("voice.turn").Select(turn => turn.GetTagItem("voice.turn.number")));
    }

    [Fact]
    public void Interruption_SaysHowMuchWasHeard_OnTheTurnThatWasInterrupted()
    {
        _turns.GreetingAsked();
        _turns.ResponseCreated("resp_1");
        _turns.AudioSent(16000);

        _turns.SpeechStarted(new Interruption(MustClear: true, [new Heard([1], 523, 5000, true), new Heard([2], 0, 5000, true)]));
        _turns.Dispose();

        var interrupted = _telemetry.All("voice.turn")[0];
        Assert.Equal(true, interrupted.GetTagItem("voice.turn.interrupted"));
        var interruption = Assert.Single(interrupted.Events, happened => happened.Name == "voice.interruption");
        Assert.Equal(523L, Assert.Single(interruption.Tags).Value);
        Assert.Equal([1], _telemetry.Measured("voice.interruptions"));
        Assert.Null(_telemetry.All("voice.turn")[1].GetTagItem("voice.turn.interrupted"));
    }

    [Fact]
    public void Speech_IsNoInterruption_WhereNothingWasSaid()
    {
        _turns.SpeechStarted(interruption: null);

        Assert.Empty(_telemetry.Measured("voice.interruptions"));
    }

    [Fact]
    public void LateAudio_IsAGap_InTheMiddleOfAnAnswerOnly()
    {
        _turns.ResponseCreated("resp_1");
        Pass(500);
        _turns.AudioSent(8 * 100);
        Pass(400);
        _turns.AudioSent(8 * 100);
        Pass(110);
        _turns.AudioSent(8 * 100);
        _turns.ResponseDone(new("resp_1", "completed", null), ResponseReport.TryRead(Utf8(Done)), Utf8(Done));
        Pass(5000);
        _turns.ResponseCreated("resp_2");
        _turns.AudioSent(8 * 100);
        Pass(1000);
        _turns.ClipPlayed(Clips.OneMoment);
        Pass(20_000);
        _turns.AudioSent(160);

        Assert.Equal([0.3], _telemetry.Measured("va.call.gap.seconds", "cause", "late_audio"));
    }

    [Fact]
    public void Response_IsDescribed_ByTheNamesOfTheConventions()
    {
        _turns.GreetingAsked();
        _turns.ResponseCreated("resp_1");
        Pass(2000);
        End(Done);

        var response = _telemetry.Single("chat gpt-realtime-2.1");
        Assert.Equal(ActivityKind.Client, response.Kind);
        Assert.Equal(_telemetry.Single("voice.turn").SpanId, response.ParentSpanId);
        Assert.Equal(ActivityStatusCode.Unset, response.Status);
        Assert.Equal(["completed"], (string[])response.GetTagItem("gen_ai.response.finish_reasons")!);
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["gen_ai.operation.name"] = "chat",
                ["gen_ai.provider.name"] = "openai",
                ["gen_ai.request.model"] = "gpt-realtime-2.1",
                ["gen_ai.output.type"] = "speech",
                ["gen_ai.response.id"] = "resp_1",
                ["gen_ai.usage.input_tokens"] = 132L,
                ["gen_ai.usage.text.input_tokens"] = 119L,
                ["gen_ai.usage.audio.input_tokens"] = 13L,
                ["gen_ai.usage.cache_read.input_tokens"] = 64L,
                ["gen_ai.usage.text.cache_read.input_tokens"] = 60L,
                ["gen_ai.usage.audio.cache_read.input_tokens"] = 4L,
                ["gen_ai.usage.output_tokens"] = 121L,
                ["gen_ai.usage.text.output_tokens"] = 30L,
                ["gen_ai.usage.audio.output_tokens"] = 91L,
                ["server.address"] = "api.openai.com",
                ["server.port"] = 443,
            }.OrderBy(tag => tag.Key, StringComparer.Ordinal),
            response.TagObjects.Where(tag => tag.Key is not "gen_ai.response.finish_reasons").OrderBy(tag => tag.Key, StringComparer.Ordinal));
        Assert.Equal([2], _telemetry.Measured("gen_ai.client.inference.duration", "gen_ai.request.model", "gpt-realtime-2.1"));
    }

    [Fact]
    public void Response_SaysWhoAnswered_InWhichConversation()
    {
        _turns.ResponseCreated("resp_1", "gpt-realtime-2.1-2026-07-01");
        End("""{"type":"response.done","response":{"conversation_id":"conv_1","usage":{"input_tokens":7}}}""");

        var response = _telemetry.Single("chat gpt-realtime-2.1");
        Assert.Equal(
            ("gpt-realtime-2.1-2026-07-01", "conv_1", 7L),
            (response.GetTagItem("gen_ai.response.model"), response.GetTagItem("gen_ai.conversation.id"), response.GetTagItem("gen_ai.usage.input_tokens")));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("{\"a\":[1]}")]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"my number is 5550100\"")]
    public void Conversation_ThatIsNoId_IsLeftOut_AndTheTokensAreNot(string id)
    {
        _turns.ResponseCreated("resp_1");
        End($$$$"""{"type":"response.done","response":{"conversation_id":{{{{id}}}},"usage":{"input_tokens":7}}}""");

        var response = _telemetry.Single("chat gpt-realtime-2.1");
        Assert.Equal((null, 7L), (response.GetTagItem("gen_ai.conversation.id"), response.GetTagItem("gen_ai.usage.input_tokens")));
    }

    [Fact]
    public void CallersWords_AreWaitedFor_AndTheSpanIsAsLongAsTheResponse()
    {
        using var turns = Turns(_call, Content());
        turns.CallerSpoke("item_1");
        turns.CallerSpoke("item_2");
        turns.ResponseCreated("resp_1");
        turns.CallerSaid("item_2", "two");
        turns.ResponseDone(new("resp_1", "completed", null), ResponseReport.TryRead(Utf8("{}")), Utf8("{}"));
        var done = DateTime.UtcNow;
        Assert.Empty(_telemetry.All("chat gpt-realtime-2.1"));

        turns.CallerSaid("item_of_another", "none");
        turns.CallerSaid("item_1", "one");

        var response = _telemetry.Single("chat gpt-realtime-2.1");
        Assert.Equal(
            """[{"role":"user","parts":[{"type":"text","content":"one"}]},{"role":"user","parts":[{"type":"text","content":"two"}]}]""",
            response.GetTagItem("gen_ai.input.messages"));
        Assert.True(response.StartTimeUtc + response.Duration <= done);
    }

    [Theory]
    [InlineData("the next response")]
    [InlineData("the session's end")]
    [InlineData("the call's end")]
    public void CallersWords_AreWaitedFor_NoLongerThan(string end)
    {
        using var turns = Turns(_call, Content());
        turns.CallerSpoke("item_1");
        turns.ResponseDone(new("resp_1", "failed", new(new(null, "server_error", null, null))), ResponseReport.TryRead(Utf8("{}")), Utf8("{}"));
        Assert.Empty(_telemetry.All("chat gpt-realtime-2.1"));

        switch (end)
        {
            case "the next response":
                turns.ResponseDone(new("resp_2", "completed", null), ResponseReport.TryRead(Utf8("{}")), Utf8("{}"));
                break;
            case "the session's end":
                turns.SessionEnded(errorType: null);
                break;
            default:
                turns.Dispose();
                break;
        }

        var response = _telemetry.All("chat gpt-realtime-2.1")[0];
        Assert.Equal(("server_error", null), (response.GetTagItem("error.type"), response.GetTagItem("gen_ai.input.messages")));
    }

    [Fact]
    public void CallersWords_AreNotWaitedFor_WhereNobodyWritesThemDown()
    {
        using var turns = Turns(_call, Content(new RealtimeOptions { TranscriptionModel = "" }));
        turns.CallerSpoke("item_1");
        turns.ResponseDone(new("resp_1", "completed", null), ResponseReport.TryRead(Utf8("{}")), Utf8("{}"));

        Assert.NotNull(_telemetry.Single("chat gpt-realtime-2.1").GetTagItem("gen_ai.system_instructions"));
    }

    [Theory]
    [InlineData("""{"response":{"output":[{"type":"message","content":[{"transcript":"a"},{"text":"b"}]},{"type":"message","content":[{"transcript":"c"}]}]}}""", """[{"role":"assistant","parts":[{"type":"text","content":"a"},{"type":"text","content":"b"},{"type":"text","content":"c"}],"finish_reason":"completed"}]""")]
    [InlineData("""{"response":{"output":[{"type":"function_call","arguments":"{}"}]}}""", null)]
    [InlineData("""{"response":{"output":[7,null,{"content":5},{"content":[null]}]}}""", null)]
    [InlineData("""{"response":{"output":[{"content":[{"transcript":7}]}]}}""", null)]
    [InlineData("""{"response":{"output":[{"content":[{"transcript":"a","transcript":"b"}]}]}}""", null)]
    [InlineData("""{"response":{"output":[{"content":[{"transcript":"\ud800"}]}]}}""", null)]
    [InlineData("""{"response":7}""", null)]
    [InlineData("7", null)]
    [InlineData("null", null)]
    [InlineData("", null)]
    public void AssistantsWords_AreThoseOfTheResponse_WhereTheyReadAsDocumented(string done, string? expected) =>
        Assert.Equal(expected, MessageContent.Output(Utf8(done), "completed"));

    [Fact]
    public void ToolCall_IsAnEvent_WithoutItsArguments()
    {
        _turns.ResponseCreated("resp_1");
        End(Done);

        var call = Assert.Single(_telemetry.Single("chat gpt-realtime-2.1").Events);
        Assert.Equal("voice.tool_call", call.Name);
        Assert.Equal([new("gen_ai.tool.name", "get_weather"), new("gen_ai.tool.call.id", "call_1")], call.Tags);
    }

    [Fact]
    public void Tokens_AreCounted_ByModality()
    {
        _turns.ResponseCreated("resp_1");
        End(Done);

        Assert.Equal([119, 13], Tokens("input_tokens"));
        Assert.Equal([60, 4], Tokens("cache_read.input_tokens"));
        Assert.Equal([30, 91], Tokens("output_tokens"));

        double[] Tokens(string kind) => [Counted(kind, "text"), Counted(kind, "audio")];

        double Counted(string kind, string modality) =>
            Assert.Single(_telemetry.Measured($"gen_ai.client.inference.usage.{kind}", "gen_ai.token.modality", modality));
    }

    [Fact]
    public void Tokens_AreOfUnknownModality_WhereTheModelDoesNotSay()
    {
        End("""{"type":"response.done","response":{"usage":{"input_tokens":7,"output_tokens":null}}}""");

        Assert.Equal([7], _telemetry.Measured("gen_ai.client.inference.usage.input_tokens", "gen_ai.token.modality", "unknown"));
        Assert.Empty(_telemetry.Measured("gen_ai.client.inference.usage.output_tokens"));
    }

    [Fact]
    public void Usage_ThatReadsOtherwise_IsLeftOut()
    {
        End("""{"type":"response.done","response":{"usage":"many","output":{}}}""");

        Assert.Single(_telemetry.Measured("gen_ai.client.inference.duration"));
        Assert.Empty(_telemetry.Measured("gen_ai.client.inference.usage.input_tokens"));
    }

    [Theory]
    [InlineData("rate_limit_exceeded", "rate_limit_exceeded")]
    [InlineData("the caller said: my number is 5550100", "_OTHER")]
    [InlineData(null, "_OTHER")]
    public void FailedResponse_IsAnError_ByItsCode(string? code, string errorType)
    {
        _turns.ResponseCreated("resp_1");
        _turns.ResponseDone(new("resp_1", "failed", new(new(null, code, null, null))), ResponseReport.TryRead(Utf8("{}")), Utf8("{}"));

        var response = _telemetry.Single("chat gpt-realtime-2.1");
        Assert.Equal(ActivityStatusCode.Error, response.Status);
        Assert.Equal(errorType, response.GetTagItem("error.type"));
        Assert.Single(_telemetry.Measured("gen_ai.client.inference.duration", "error.type", errorType));
    }

    [Theory]
    [InlineData("completed", "{}", false, "silent_response")]
    [InlineData("incomplete", "{}", false, "silent_response")]
    [InlineData("completed", "{}", true, null)]
    [InlineData("completed", Done, false, null)]
    public void SilentResponse_IsAnError_UnlessItCallsATool(string status, string done, bool isHeard, string? errorType)
    {
        _turns.ResponseCreated("resp_1");
        if (isHeard)
        {
            _turns.AudioSent(160);
        }

        _turns.ResponseDone(new("resp_1", status, null), ResponseReport.TryRead(Utf8(done)), Utf8(done));

        Assert.Equal(errorType, _telemetry.Single("chat gpt-realtime-2.1").GetTagItem("error.type"));
    }

    [Fact]
    public void InterruptedResponse_IsNoError_AndSaysByWhom()
    {
        _turns.ResponseCreated("resp_1");
        _turns.ResponseDone(new("resp_1", "cancelled", new(Error: null, "turn_detected")), ResponseReport.TryRead(Utf8("{}")), Utf8("{}"));

        var response = _telemetry.Single("chat gpt-realtime-2.1");
        Assert.Equal(ActivityStatusCode.Unset, response.Status);
        Assert.Equal(["turn_detected"], (string[])response.GetTagItem("gen_ai.response.finish_reasons")!);
    }

    [Theory]
    [InlineData(null, ActivityStatusCode.Unset)]
    [InlineData("closed", ActivityStatusCode.Error)]
    public void UnfinishedResponse_EndsWithItsSession(string? errorType, ActivityStatusCode status)
    {
        _turns.GreetingAsked();

        _turns.SessionEnded(errorType);

        var response = _telemetry.Single("chat gpt-realtime-2.1");
        Assert.Equal((status, errorType), (response.Status, response.GetTagItem("error.type")));
    }

    [Fact]
    public void Clip_IsSeen_AndIsTheFirstSound()
    {
        Pass(1500);
        _turns.ClipPlayed(Clips.OneMoment);

        Assert.Equal("one-moment", Assert.Single(Assert.Single(_call.Events).Tags).Value);
        Assert.Equal([1.5], _telemetry.Measured("voice.call.time_to_first_audio"));
    }

    [Fact]
    public void Metrics_AreMeasured_ForACallThatIsNotTraced()
    {
        using var turns = Turns(call: null);
        turns.GreetingAsked();
        turns.ResponseCreated("resp_1");
        turns.AudioSent(160);
        turns.SpeechStarted(new Interruption(MustClear: true, []));
        turns.ResponseDone(new("resp_1", "completed", null), ResponseReport.TryRead(Utf8(Done)), Utf8(Done));

        Assert.Empty(_telemetry.Spans);
        Assert.Single(_telemetry.Measured("gen_ai.client.inference.duration"));
        Assert.Single(_telemetry.Measured("voice.interruptions"));
    }

    [Fact]
    public void CurrentSpan_StaysTheCalls()
    {
        _turns.GreetingAsked();
        _turns.ResponseCreated("resp_1");
        Assert.Equal(_call, Activity.Current);

        End(Done);
        Assert.Equal(_call, Activity.Current);
    }

    private static MessageContent Content(RealtimeOptions? options = null) => new(
        Options.Create((options ?? new RealtimeOptions()) with { CaptureMessageContent = "true" }), new HostingEnvironment { EnvironmentName = Environments.Development });

    private TurnTrace Turns(Activity? call, MessageContent? content = null) =>
        new(call, new CallMetrics(_meters), new RealtimeMetrics(_meters, Options.Create(new RealtimeOptions())), _time, content);

    private void Pass(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private void Speak(TimeSpan duration)
    {
        _turns.SpeechStarted(interruption: null);
        _time.Advance(duration);
        _turns.SpeechStopped();
    }

    private void End(string done)
    {
        _turns.ResponseDone(new("resp_1", "completed", null), ResponseReport.TryRead(Utf8(done)), Utf8(done));
        _turns.Dispose();
    }

    private static byte[] Utf8(string json) => Encoding.UTF8.GetBytes(json);
}
