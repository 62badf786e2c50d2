using Microsoft.Extensions.Configuration;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

public sealed class RealtimeOptionsValidatorTests
{
    private const string Key = "sk-never-to-be-shown";

    [Theory]
    [InlineData]
    [InlineData("REALTIME_URL", "wss://host.openai.azure.com/openai/v1/realtime?x=1")]
    [InlineData("REALTIME_URL", "ws://localhost:8080/v1/realtime")]
    [InlineData("REALTIME_URL", "ws://127.0.0.1/")]
    [InlineData("REALTIME_URL", "ws://[::1]:8080/")]
    [InlineData("REALTIME_URL", "ws://localhost:8080/v1/realtime", "OPENAI_API_KEY", "")]
    [InlineData("REALTIME_AUTH", "entra", "OPENAI_API_KEY", "")]
    [InlineData("REALTIME_AUTH", "bearer")]
    [InlineData("REALTIME_AUTH", "api-key")]
    [InlineData("TURN_DETECTION", "semantic_vad")]
    [InlineData("SILENCE_DURATION_MS", "100")]
    [InlineData("SILENCE_DURATION_MS", "5000")]
    [InlineData("REALTIME_SESSION", """{"reasoning":{"effort":"low"},"audio":{"output":{"speed":1.1},"input":{"turn_detection":null,"transcription":null}}}""")]
    [InlineData("SESSION_MINUTES", "1", "WARM_SESSIONS", "0")]
    [InlineData("SESSION_MINUTES", "55", "WARM_SESSIONS", "20")]
    // A line NAME= in a .env file.
    [InlineData("REALTIME_URL", "", "REALTIME_MODEL", "", "REALTIME_AUTH", "", "REALTIME_SESSION", "", "VOICE", "", "TURN_DETECTION", "", "SILENCE_DURATION_MS", " ",
        "TRANSCRIPTION_MODEL", "", "SESSION_MINUTES", "", "WARM_SESSIONS", "")]
    public void Settings_AreTaken(params string[] settings) => Assert.Empty(Faults(settings));

    [Theory]
    [InlineData("OPENAI_API_KEY", "", "OPENAI_API_KEY is missing; expected a key")]
    [InlineData("OPENAI_API_KEY", "sk-never to-be-shown", "OPENAI_API_KEY holds a blank")]
    [InlineData("OPENAI_API_KEY", "sk-never-\nto-be-shown", "OPENAI_API_KEY holds a blank")]
    [InlineData("OPENAI_API_KEY", "sk-never-to-be-shown\r", "OPENAI_API_KEY holds a blank")]
    [InlineData("OPENAI_API_KEY", "sk–never-to-be-shown", "OPENAI_API_KEY holds a blank or another character")]
    [InlineData("REALTIME_URL", "api.openai.com", "REALTIME_URL is 'api.openai.com'; expected wss://")]
    [InlineData("REALTIME_URL", "https://api.openai.com/v1/realtime", "REALTIME_URL is 'https://api.openai.com/v1/realtime'; expected wss://")]
    [InlineData("REALTIME_URL", "ws://api.openai.com/v1/realtime", "REALTIME_URL is 'ws://api.openai.com/v1/realtime', which is not encrypted; expected wss://")]
    [InlineData("REALTIME_URL", "https://user:sk-never-to-be-shown@host/path?api-key=sk-never-to-be-shown", "REALTIME_URL is 'host/path'; expected wss://")]
    [InlineData("REALTIME_URL", "ws://localhost.evil.example/", "not encrypted; expected wss://")]
    [InlineData("REALTIME_AUTH", "Bearer", "REALTIME_AUTH is 'Bearer'; expected bearer, api-key, entra or nothing")]
    [InlineData("TURN_DETECTION", "none", "TURN_DETECTION is 'none'; expected server_vad or semantic_vad")]
    [InlineData("SILENCE_DURATION_MS", "99", "SILENCE_DURATION_MS is '99'; expected 100 to 5000 milliseconds")]
    [InlineData("SILENCE_DURATION_MS", "5001", "SILENCE_DURATION_MS is '5001'; expected 100 to 5000 milliseconds")]
    [InlineData("SILENCE_DURATION_MS", "-500", "SILENCE_DURATION_MS is '-500'; expected 100 to 5000 milliseconds")]
    [InlineData("SILENCE_DURATION_MS", "half a second", "SILENCE_DURATION_MS is 'half a second'; expected 100 to 5000 milliseconds")]
    [InlineData("SILENCE_DURATION_MS", "0.5", "SILENCE_DURATION_MS is '0.5'; expected 100 to 5000 milliseconds")]
    [InlineData("SILENCE_DURATION_MS", "1,000", "SILENCE_DURATION_MS is '1,000'; expected 100 to 5000 milliseconds")]
    [InlineData("SILENCE_DURATION_MS", "99999999999", "SILENCE_DURATION_MS is '99999999999'; expected 100 to 5000 milliseconds")]
    [InlineData("SESSION_MINUTES", "0", "SESSION_MINUTES is '0'; expected 1 to 55")]
    [InlineData("SESSION_MINUTES", "56", "SESSION_MINUTES is '56'; expected 1 to 55")]
    [InlineData("SESSION_MINUTES", "half an hour", "SESSION_MINUTES is 'half an hour'; expected 1 to 55")]
    [InlineData("REALTIME_PRICES", "4,32", "REALTIME_PRICES is '4,32'; expected dollars per million tokens")]
    [InlineData("WARM_SESSIONS", "-1", "WARM_SESSIONS is '-1'; expected 0 to 20")]
    [InlineData("WARM_SESSIONS", "21", "WARM_SESSIONS is '21'; expected 0 to 20")]
    [InlineData("REALTIME_SESSION", "reasoning", "REALTIME_SESSION is not a JSON object; expected")]
    [InlineData("REALTIME_SESSION", "null", "REALTIME_SESSION is not a JSON object; expected")]
    [InlineData("REALTIME_SESSION", "[]", "REALTIME_SESSION is not a JSON object; expected")]
    [InlineData("REALTIME_SESSION", "{", "REALTIME_SESSION is not a JSON object; expected")]
    [InlineData("REALTIME_SESSION", "{\"a\":1,\"a\":2}", "REALTIME_SESSION is not a JSON object; expected")]
    [InlineData("REALTIME_SESSION", "{\"audio\":{\"input\":{\"a\":1,\"a\":2}}}", "REALTIME_SESSION is not a JSON object; expected")]
    [InlineData("REALTIME_SESSION", "{\"t\\ud800\":1}", "REALTIME_SESSION is not a JSON object; expected")]
    [InlineData("REALTIME_SESSION", "{\"type\":\"transcription\"}", "REALTIME_SESSION sets type or model")]
    [InlineData("REALTIME_SESSION", "{\"model\":\"gpt-realtime\"}", "REALTIME_SESSION sets type or model")]
    [InlineData("REALTIME_SESSION", "{\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcm\"}}}}", "REALTIME_SESSION sets or removes the audio format")]
    [InlineData("REALTIME_SESSION", "{\"audio\":{\"output\":{\"format\":null}}}", "REALTIME_SESSION sets or removes the audio format")]
    [InlineData("REALTIME_SESSION", "{\"audio\":null}", "REALTIME_SESSION sets or removes the audio format")]
    [InlineData("REALTIME_SESSION", "{\"audio\":\"loud\"}", "REALTIME_SESSION sets or removes the audio format")]
    [InlineData("REALTIME_SESSION", "{\"audio\":{\"input\":null}}", "REALTIME_SESSION sets or removes the audio format")]
    [InlineData("REALTIME_SESSION", "{\"audio\":{\"output\":[]}}", "REALTIME_SESSION sets or removes the audio format")]
    public void Setting_IsRefused_ByItsNameAndWhatIsExpected(string name, string value, string expected)
    {
        var fault = Assert.Single(Faults(name, value));

        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("never", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_AreNamed_AllAtOnce()
    {
        var faults = Faults(
            "OPENAI_API_KEY", "a b", "REALTIME_URL", "http://x", "REALTIME_AUTH", "x", "TURN_DETECTION", "x", "SILENCE_DURATION_MS", "x", "REALTIME_SESSION", "x");

        Assert.Equal(
            ["OPENAI_API_KEY", "REALTIME_AUTH", "REALTIME_SESSION", "REALTIME_URL", "SILENCE_DURATION_MS", "TURN_DETECTION"],
            faults.Select(fault => fault.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Options_PrintNoKey() => Assert.DoesNotContain(Key, new RealtimeOptions { ApiKey = Key }.ToString());

    private static IEnumerable<string> Faults(params string[] settings)
    {
        var values = settings.Chunk(2).ToDictionary(pair => pair[0], string? (pair) => pair[1]);
        values.TryAdd("OPENAI_API_KEY", Key);
        var options = new ConfigurationBuilder().AddInMemoryCollection(values).Build().Get<RealtimeOptions>()!;

        return new RealtimeOptionsValidator().Validate(null, options).Failures ?? [];
    }
}
