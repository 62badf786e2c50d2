using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

/// <summary>Somebody hears of a model's end before callers do, and of nothing where nothing is known.</summary>
public sealed class ModelCheckTests : IAsyncLifetime
{
    private const string Models = """
        {"object":"list","data":[
          {"id":"gpt-realtime","object":"model","created":1756271701,"owned_by":"system","shutdown_date":"2027-01-20"},
          {"id":"gpt-4o-mini-transcribe","object":"model","created":1742068596,"owned_by":"system","shutdown_date":"2027-02-26"},
          {"id":"gpt-realtime-2.1","object":"model","created":1783000000,"owned_by":"system","shutdown_date":null},
          {"id":"gpt-transcribe","object":"model","created":1785000000,"owned_by":"system"}]}
        """;

    private FakeRealtimeServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeRealtimeServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Model_ThatEnds_IsNamedWithItsDateAndItsSetting()
    {
        await using var bridge = await AskedAsync(Models, "[ModelEnds] TRANSCRIPTION_MODEL", ("REALTIME_MODEL", "gpt-realtime"), ("TRANSCRIPTION_MODEL", "gpt-4o-mini-transcribe"));

        Assert.Equal(
            [
                "REALTIME_MODEL names the model gpt-realtime, whose shutdown date is 2027-01-20: name another there, for example gpt-realtime-2.1.",
                "TRANSCRIPTION_MODEL names the model gpt-4o-mini-transcribe, whose shutdown date is 2027-02-26: name another there, for example gpt-transcribe.",
            ],
            Warnings(bridge));
    }

    [Fact]
    public async Task Model_ThatIsNotListed_IsNamed_AsFarAsThatIsKnown()
    {
        await using var bridge = await AskedAsync(Models, "[ModelUnknown]", ("REALTIME_MODEL", "gpt-realtime-9"));

        Assert.Equal(
            ["REALTIME_MODEL names the model gpt-realtime-9, which 127.0.0.1 does not list for this key: it does not exist or may not be used, "
                + "unless the list is not complete. Name another there, for example gpt-realtime-2.1."],
            Warnings(bridge));
    }

    [Fact]
    public async Task Example_IsNotGiven_WhereItEndsItself()
    {
        const string allEnd = """{"data":[{"id":"gpt-realtime-2.1","shutdown_date":"2029-01-01"},{"id":"gpt-transcribe","shutdown_date":"2029-01-01"}]}""";
        await using var bridge = await AskedAsync(allEnd, "[ModelEnds] TRANSCRIPTION_MODEL", ("REALTIME_MODEL", "other"));

        Assert.Equal(
            [
                "REALTIME_MODEL names the model other, which 127.0.0.1 does not list for this key: it does not exist or may not be used, unless the list is not complete. Name another there.",
                "TRANSCRIPTION_MODEL names the model gpt-transcribe, whose shutdown date is 2029-01-01: name another there.",
            ],
            Warnings(bridge));
    }

    [Fact]
    public async Task Setting_IsTheOneThatCounts_WhereTwoNameAModel()
    {
        const string session = """{"audio":{"input":{"transcription":{"model":"whisper-1","language":"de"}}}}""";
        await using var bridge = await AskedAsync(Models, "[ModelUnknown] REALTIME_SESSION", ("REALTIME_URL", $"{_server.Url}?model=gpt-realtime"), ("REALTIME_SESSION", session));

        Assert.Equal(
            ["REALTIME_URL names the model gpt-realtime", "REALTIME_SESSION names the model whisper-1"], Warnings(bridge).Select(warning => warning.Split(',')[0]));
    }

    [Theory]
    [InlineData("TRANSCRIPTION_MODEL", "")]
    [InlineData("REALTIME_SESSION", """{"audio":{"input":{"transcription":null}}}""")]
    public async Task Transcription_IsNotLookedFor_WhereItIsOff(string setting, string value)
    {
        await using var bridge = await AskedAsync("""{"data":[{"id":"x"}]}""", "[ModelUnknown]", (setting, value));

        Assert.StartsWith("REALTIME_MODEL", Assert.Single(Warnings(bridge)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_IsAskedOnce_WithTheKeyAndWithoutATrace()
    {
        var asked = new List<(string Method, string Target, string Authorization, bool IsTraced)>();
        _server.ListModels = context =>
        {
            asked.Add((
                context.Request.Method, context.Request.PathBase + context.Request.Path + context.Request.QueryString, context.Request.Headers.Authorization.ToString(),
                context.Request.Headers.ContainsKey("traceparent")));
            return context.Response.WriteAsync(Models);
        };
        await using (var bridge = await StartAsync(("REALTIME_URL", $"{_server.Url}?api-version=1&key=secret"), ("REALTIME_MODEL", "gpt-realtime")))
        {
            await bridge.Log.WaitForAsync("[ModelEnds]");
        }

        Assert.Equal([("GET", "/v1/models", "Bearer test-key", false)], asked);
    }

    [Theory]
    [InlineData(StatusCodes.Status401Unauthorized, Models)]
    [InlineData(StatusCodes.Status403Forbidden, Models)]
    [InlineData(StatusCodes.Status404NotFound, "")]
    [InlineData(StatusCodes.Status429TooManyRequests, "")]
    [InlineData(StatusCodes.Status500InternalServerError, Models)]
    [InlineData(StatusCodes.Status200OK, "")]
    [InlineData(StatusCodes.Status200OK, "<html>")]
    [InlineData(StatusCodes.Status200OK, """{"data":[{"id":"\ud800"}]}""")]
    [InlineData(StatusCodes.Status200OK, """{"data":[]}""")]
    public async Task Nothing_IsSaid_WhereTheEndpointRefusesOrTalksNonsense(int status, string body)
    {
        _server.ListModels = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        };

        await AssertNothingIsSaidAsync();
    }

    [Fact]
    public async Task Nothing_IsSaid_WhereTheListIsTooLong()
    {
        _server.ListModels = context => context.Response.WriteAsync(new string(' ', (4 * 1024 * 1024) + 1) + Models);

        await AssertNothingIsSaidAsync();
    }

    [Fact]
    public async Task Key_GoesNowhereElse_WhereTheEndpointRedirects()
    {
        _server.ListModels = context =>
        {
            context.Response.Redirect("/v1/realtime");
            return Task.CompletedTask;
        };

        await AssertNothingIsSaidAsync();
        Assert.Equal(0, _server.Handshakes);
    }

    [Fact]
    public async Task Call_IsTaken_WhileNobodyAnswers_AndThatIsGivenUp()
    {
        var asked = new TaskCompletionSource();
        _server.ListModels = context =>
        {
            asked.TrySetResult();
            var left = new TaskCompletionSource();
            context.RequestAborted.UnsafeRegister(_ => left.SetResult(), null);
            return left.Task;
        };
        var time = new StandingClock();
        await using var bridge = await BridgeHost.StartAsync(_server.Url, time, [new("REALTIME_MODEL", "gpt-realtime")]);
        await asked.Task.WaitAsync(TestTimeout.Token);
        await using (var caller = await FakeTwilioStream.ConnectAsync(bridge.Url))
        {
            await caller.StartAsync(await bridge.IssueTokenAsync());
            await _server.AcceptConfiguredAsync();
            await caller.StopAsync();
        }

        Assert.DoesNotContain(bridge.Log.Lines, line => line.Contains("[ModelsNotLearned]", StringComparison.Ordinal));
        time.Advance(ModelCheck.Timeout);
        await bridge.Log.WaitForAsync("[ModelsNotLearned]");
        Assert.Empty(Warnings(bridge));
    }

    [Theory]
    [InlineData("wss://api.openai.com/v1/realtime", "", "https://api.openai.com/v1/models")]
    [InlineData("wss://api.openai.com/v1/realtime", "bearer", "https://api.openai.com/v1/models")]
    [InlineData("wss://user:password@gateway.example:8443/openai/v1/realtime/?model=x&key=secret", "", "https://gateway.example:8443/openai/v1/models")]
    [InlineData("ws://127.0.0.1:5060/v1/realtime", "", "http://127.0.0.1:5060/v1/models")]
    [InlineData("ws://[::1]:5060/v1/realtime", "", "http://[::1]:5060/v1/models")]
    [InlineData("wss://api.openai.com/v1/realtime", "api-key", null)]
    [InlineData("wss://api.openai.com/v1/realtime", "entra", null)]
    [InlineData("wss://name.openai.azure.com/openai/v1/realtime", "", null)]
    [InlineData("wss://name.openai.azure.com/openai/v1/realtime", "bearer", null)]
    [InlineData("wss://gateway.example/speech", "", null)]
    [InlineData("wss://gateway.example/", "", null)]
    public void List_IsBesideTheEndpoint_WhereModelsAreChosenFromIt(string url, string auth, string? expected) =>
        Assert.Equal(expected, ModelCheck.ListUrl(new RealtimeOptions { ApiKey = "test-key", Url = url, Auth = auth })?.AbsoluteUri);

    [Fact]
    public void List_IsNotAskedFor_WithoutAKey() => Assert.Null(ModelCheck.ListUrl(new RealtimeOptions { Url = "ws://127.0.0.1:5060/v1/realtime" }));

    private async Task AssertNothingIsSaidAsync()
    {
        await using var bridge = await StartAsync(("REALTIME_MODEL", "gpt-realtime"));
        await bridge.Log.WaitForAsync("[ModelsNotLearned]");

        Assert.DoesNotContain(bridge.Log.All, line => line.Level > LogLevel.Debug && line.Text.Contains(nameof(ModelCheck), StringComparison.Ordinal));
    }

    private async Task<BridgeHost> AskedAsync(string models, string line, params (string Name, string Value)[] settings)
    {
        _server.ListModels = context => context.Response.WriteAsync(models);
        var bridge = await StartAsync(settings);
        await bridge.Log.WaitForAsync(line);
        return bridge;
    }

    private Task<BridgeHost> StartAsync(params (string Name, string Value)[] settings) =>
        BridgeHost.StartAsync(_server.Url, settings: settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));

    private static IEnumerable<string> Warnings(BridgeHost bridge) => bridge.Log.All
        .Where(line => line.Level == LogLevel.Warning && line.Text.Contains(nameof(ModelCheck), StringComparison.Ordinal))
        .Select(line => line.Text[(line.Text.IndexOf(']', StringComparison.Ordinal) + 2)..].TrimEnd());
}
