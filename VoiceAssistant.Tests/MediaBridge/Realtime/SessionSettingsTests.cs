using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

/// <summary>What is left out of the settings when the model refuses a field, and what is said about it.</summary>
[Trait("Proves", "R34")]
public sealed class SessionSettingsTests : IDisposable
{
    private const string TwoTools = """{"tools":[{"type":"function","name":"a"},{"type":"function","name":"b","meta":1}]}""";

    private readonly LogRecorder _log = new();
    private readonly LoggerFactory _loggers = new();

    public SessionSettingsTests() => _loggers.AddProvider(_log);

    public void Dispose() => _loggers.Dispose();

    [Theory]
    [InlineData("session.audio.output.voice", "{}", "audio.output.voice")]
    [InlineData("session.audio.output.voice.id", """{"audio":{"output":{"voice":{"id":"voice_1"}}}}""", "audio.output.voice")]
    [InlineData("session.audio.input.transcription.model", "{}", "audio.input.transcription")]
    [InlineData("session.audio.input.transcription", "{}", "audio.input.transcription")]
    [InlineData("session.audio.input.transcription", """{"audio":{"input":{"transcription":null}}}""", "audio.input.transcription")]
    [InlineData("session.audio.input.transcription.language", """{"audio":{"input":{"transcription":{"language":"xx"}}}}""", "audio.input.transcription.language")]
    [InlineData("session.audio.input.transcription.language", "{}", "audio.input.transcription")]
    [InlineData("session.audio.input.noise_reduction.type", "{}", "audio.input.noise_reduction")]
    [InlineData("session.audio.input.turn_detection.type", "{}", "audio.input.turn_detection")]
    [InlineData("session.audio.input.turn_detection.silence_duration_ms", "{}", "audio.input.turn_detection.silence_duration_ms")]
    [InlineData("session.audio.input.turn_detection", "{}", "audio.input.turn_detection")]
    [InlineData("session.audio.input.turn_detection", """{"audio":{"input":{"transcription":null}}}""", "audio.input.turn_detection")]
    [InlineData("session.max_output_tokens", "{}", "max_output_tokens")]
    [InlineData("session.output_modalities[0]", "{}", "output_modalities")]
    [InlineData("session.reasoning.effort", """{"reasoning":{"effort":"low"}}""", "reasoning")]
    [InlineData("session.foo", """{"foo":null}""", "foo")]
    [InlineData("session.tools[1].meta", TwoTools, "tools.1.meta")]
    [InlineData("session.tools[1].name", TwoTools, "tools.1")]
    [InlineData("session.tools[1].parameters", TwoTools, "tools.1")]
    [InlineData("session.tools[7]", TwoTools, "tools")]
    [InlineData("session.tools[0].name", """{"tools":[{"type":"function","name":"a"}]}""", "tools")]
    public void Field_IsLeftOut_WithWhatMeansNothingWithoutIt(string param, string session, string removed)
    {
        var settings = Settings(new() { Session = session });
        var expected = JsonNode.Parse(settings.Update)!;
        Remove(expected["session"]!, removed.Split('.'));

        var lost = settings.Refused(settings.Update, Error(param));

        Assert.Equal(expected.ToJsonString(), Encoding.UTF8.GetString(settings.Update));
        Assert.Equal((true, false), (lost.IsRemedied, lost.IsPermanent));
        Assert.Single(Warnings);
    }

    [Theory]
    [InlineData("session")]
    [InlineData("session.type")]
    [InlineData("session.model")]
    [InlineData("session.instructions")]
    [InlineData("session.audio")]
    [InlineData("session.audio.input")]
    [InlineData("session.audio.input.format")]
    [InlineData("session.audio.input.format.type")]
    [InlineData("session.audio.output.format")]
    [InlineData("session.audio.output.format.type")]
    [InlineData("session.audio.output.format.rate")]
    [InlineData("session.temperature")]
    [InlineData("audio.output.voice")]
    [InlineData("")]
    [InlineData(null)]
    public void Session_IsLostForGood_WhereNothingCanBeLeftOut(string? param)
    {
        var settings = Settings(new());
        var before = settings.Update;

        var lost = settings.Refused(before, Error(param));

        Assert.Same(before, settings.Update);
        Assert.Equal((false, true, "session_refused"), (lost.IsRemedied, lost.IsPermanent, lost.ErrorType));
        Assert.Contains(string.IsNullOrEmpty(param) ? "(invalid_value)" : $"(invalid_value, {param})", lost.Message, StringComparison.Ordinal);
        Assert.Empty(Warnings);
    }

    [Theory]
    [InlineData("server_error", null, false)]
    [InlineData("server_error", "overloaded", false)]
    [InlineData("rate_limit_error", null, false)]
    [InlineData("rate_limit_error", "too_many", false)]
    [InlineData("rate_limit_error", "rate_limit_exceeded", false)]
    [InlineData("insufficient_quota", "insufficient_quota", true)]
    public void Settings_AreNotBlamed_ForWhatIsNoFaultOfTheirs(string type, string? code, bool isPermanent)
    {
        var settings = Settings(new());
        var before = settings.Update;
        var error = new JsonObject { ["type"] = "error", ["error"] = new JsonObject { ["type"] = type, ["code"] = code, ["event_id"] = "session" } };

        var lost = settings.Refused(before, Encoding.UTF8.GetBytes(error.ToJsonString()));

        Assert.Same(before, settings.Update);
        Assert.Equal(isPermanent, lost.IsPermanent);
        Assert.Equal($"it answers the session's settings with an error ({code ?? type})", lost.Message);
    }

    [Theory]
    [InlineData("Unknown parameter: 'session.audio.output.voice'.", true)]
    [InlineData("Invalid 'session.audio.output.voice': 'session.audio.output.voice' is too long.", true)]
    [InlineData("Either 'session.audio.output.voice' or 'session.max_output_tokens'.", false)]
    [InlineData("Unknown parameter: 'session.foo'.", false)]
    [InlineData("The voice session.audio.output.voice is unknown.", false)]
    public void Field_IsTakenFromTheMessage_WhereOneIsNamedThereAlone(string message, bool isLeftOut)
    {
        var settings = Settings(new());

        Assert.Equal(isLeftOut, settings.Refused(settings.Update, Error(null, message)).IsRemedied);
        Assert.Equal(!isLeftOut, Encoding.UTF8.GetString(settings.Update).Contains("\"voice\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Transcription_IsLeftOut_WhereItAllowsNoTurnDetection()
    {
        var settings = Settings(new() { TranscriptionModel = "gpt-live-transcribe" });

        settings.Refused(settings.Update, Error("session.audio.input.turn_detection", "Turn detection is not supported for this transcription model."));

        var input = JsonNode.Parse(settings.Update)!["session"]!["audio"]!["input"]!.AsObject();
        Assert.Equal(["format", "noise_reduction", "turn_detection"], input.Select(field => field.Key));
        Assert.StartsWith("TRANSCRIPTION_MODEL=gpt-live-transcribe is refused", Assert.Single(Warnings), StringComparison.Ordinal);

        // With none left to blame, it is the turn detection.
        settings.Refused(settings.Update, Error("session.audio.input.turn_detection", "Turn detection is not supported for this transcription model."));
        Assert.DoesNotContain("turn_detection", Encoding.UTF8.GetString(settings.Update), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("session.audio.input.turn_detection.type", "semantic_vad", 500)]
    [InlineData("session.audio.input.turn_detection.silence_duration_ms", "server_vad", 500)]
    [InlineData("session.audio.input.turn_detection.threshold", "server_vad", 900)]
    public void TurnEnd_IsWhatTheModelStillKnows(string param, string detection, int milliseconds)
    {
        var settings = Settings(new() { TurnDetection = detection, SilenceDurationMs = "900" });

        settings.Refused(settings.Update, Error(param));

        Assert.Equal(milliseconds, settings.TurnEnd.TotalMilliseconds);
    }

    [Theory]
    [InlineData("session.audio.output.voice", "VOICE=nova", "the model's default voice speaks")]
    [InlineData("session.audio.input.transcription.model", "TRANSCRIPTION_MODEL=whisper-9", "what callers say is not written down, so the words of a call whose connection is lost are lost, too")]
    [InlineData("session.audio.input.turn_detection.type", "TURN_DETECTION=semantic_vad", "the model's default decides when a caller has finished")]
    [InlineData("session.audio.input.turn_detection.eagerness", "A field of REALTIME_SESSION", "the model's default counts")]
    [InlineData("session.reasoning.effort", "A field of REALTIME_SESSION", "the model's default counts")]
    [InlineData("session.audio.input.noise_reduction.type", "A field without a setting", "the model's default counts")]
    public void Warning_NamesTheSetting_AndWhatComesOfIt(string param, string setting, string consequence)
    {
        var settings = Settings(new()
        {
            Voice = "nova", TranscriptionModel = "whisper-9", TurnDetection = "semantic_vad",
            Session = """{"reasoning":{"effort":"secret"},"audio":{"input":{"turn_detection":{"eagerness":"low"}}}}""",
        });

        settings.Refused(settings.Update, Error(param));

        Assert.Equal([$"{setting} is refused by the model (invalid_value, {param}) and left out from now on: {consequence}."], Warnings);
    }

    [Fact]
    public void Warning_NamesSilenceDurationMs()
    {
        var settings = Settings(new() { SilenceDurationMs = "150" });

        settings.Refused(settings.Update, Error("session.audio.input.turn_detection.silence_duration_ms"));

        Assert.StartsWith("SILENCE_DURATION_MS=150 is refused", Assert.Single(Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Invalid value: 'nova'. Supported values are: 'alloy', 'ash', 'gpt-4o_x.1', and 'cedar'.", " Supported are alloy, ash, gpt-4o_x.1, cedar.")]
    [InlineData("Invalid value: 'nova'. Supported values are: 'one'.", " Supported are one.")]
    [InlineData("Invalid value: 'my secret'. Supported values are: 'sk-\n1', 'I said so', '+1 415 555 0100', 'alloy'.", " Supported are alloy.")]
    [InlineData("Invalid value: 'sk-1234'. Ask Jane.", "")]
    [InlineData("", "")]
    public void Warning_KeepsNothingOfTheMessage_ButTheSupportedValues(string message, string supported)
    {
        var settings = Settings(new() { Voice = "nova" });

        settings.Refused(settings.Update, Error("session.audio.output.voice", message));

        Assert.EndsWith($": the model's default voice speaks.{supported}", Assert.Single(Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void SupportedValues_AreBounded()
    {
        var settings = Settings(new());

        settings.Refused(settings.Update, Error("session.audio.output.voice", $"Supported values are: '{string.Join("', '", Enumerable.Range(0, 1000))}'."));

        Assert.EndsWith(", 14, 15.", Assert.Single(Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Field_IsLeftOutOnce_WhereManySessionsAreRefusedAtOnce()
    {
        var settings = Settings(new() { Session = TwoTools });
        var told = settings.Update;

        Parallel.For(0, 100, _ => Assert.True(settings.Refused(told, Error("session.tools[0]")).IsRemedied));

        Assert.Single(Warnings);
        Assert.Equal("b", (string?)JsonNode.Parse(settings.Update)!["session"]!["tools"]!.AsArray().Single()!["name"]);
    }

    [Fact]
    public void Session_IsLostForGood_WhereTheModelGoesOnRefusingWhatItIsNotTold()
    {
        var settings = Settings(new());
        settings.Refused(settings.Update, Error("session.audio.output.voice"));

        Assert.True(settings.Refused(settings.Update, Error("session.audio.output.voice")).IsPermanent);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("\"\\ud800\"")]
    [InlineData("null")]
    public void Message_SaysNothing_WhereItIsNoText(string message)
    {
        var settings = Settings(new());

        var error = $$$"""{"type":"error","error":{"code":"invalid_value","message":{{{message}}},"param":"session.audio.output.voice","event_id":"session"}}""";

        Assert.True(settings.Refused(settings.Update, Encoding.UTF8.GetBytes(error)).IsRemedied);
    }

    [Fact]
    public void Model_IsGivenUp_AfterEightFields()
    {
        var settings = Settings(new() { Session = """{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}""" });

        Assert.All("abcdefgh", field => Assert.True(settings.Refused(settings.Update, Error($"session.{field}")).IsRemedied));
        Assert.True(settings.Refused(settings.Update, Error("session.i")).IsPermanent);
    }

    private IEnumerable<string> Warnings => _log.All
        .Where(line => line.Level is LogLevel.Warning).Select(line => line.Text[(line.Text.IndexOf("[SettingLeftOut] ", StringComparison.Ordinal) + "[SettingLeftOut] ".Length)..].TrimEnd());

    private SessionSettings Settings(RealtimeOptions options) => new(Options.Create(options), _loggers.CreateLogger<SessionSettings>());

    private static byte[] Error(string? param, string message = "…") => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["type"] = "error",
        ["error"] = new JsonObject { ["type"] = "invalid_request_error", ["code"] = "invalid_value", ["message"] = message, ["param"] = param, ["event_id"] = "session" },
    }.ToJsonString());

    private static void Remove(JsonNode node, string[] path)
    {
        foreach (var name in path[..^1])
        {
            node = node is JsonArray items ? items[int.Parse(name)]! : node[name]!;
        }

        if (node is JsonArray array)
        {
            array.RemoveAt(int.Parse(path[^1]));
        }
        else
        {
            Assert.True(node.AsObject().Remove(path[^1]));
        }
    }
}
