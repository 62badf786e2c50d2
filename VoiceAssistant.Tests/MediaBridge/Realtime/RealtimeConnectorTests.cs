using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

public sealed class RealtimeConnectorTests : IAsyncLifetime
{
    private readonly StandingClock _time = new();
    private FakeRealtimeServer _server = null!;
    private RealtimeOptions _options = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeRealtimeServer.StartAsync();
        _options = new RealtimeOptions { ApiKey = "test-key", Url = _server.Url };
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("", "Bearer test-key", null)]
    [InlineData("bearer", "Bearer test-key", null)]
    [InlineData("api-key", null, "test-key")]
    public async Task Key_IsShown_InTheHeaderThatTheServiceReads(string auth, string? authorization, string? apiKey)
    {
        await using var session = await ConnectAsync(_options with { Auth = auth });

        var accepted = await _server.AcceptAsync();
        Assert.Equal(authorization, accepted.Authorization);
        Assert.Equal(apiKey, accepted.ApiKey);
    }

    [Fact]
    public async Task NoKey_IsShown_WhereThereIsNone()
    {
        await using var session = await ConnectAsync(_options with { ApiKey = "" });

        var accepted = await _server.AcceptAsync();
        Assert.Null(accepted.Authorization);
        Assert.Null(accepted.ApiKey);
    }

    [Theory]
    [InlineData("wss://api.openai.com/v1/realtime", "bearer")]
    [InlineData("wss://name.openai.azure.com/openai/v1/realtime", "api-key")]
    [InlineData("wss://NAME.OPENAI.AZURE.COM/openai/v1/realtime", "api-key")]
    [InlineData("wss://name.cognitiveservices.azure.com:443/openai/v1/realtime", "api-key")]
    [InlineData("wss://azure.com.evil.example/v1/realtime", "bearer")]
    [InlineData("wss://notazure.com/v1/realtime?host=.azure.com", "bearer")]
    [InlineData("ws://127.0.0.1:8080/v1/realtime", "bearer")]
    public void Header_IsChosen_ByTheHost(string url, string expected) => Assert.Equal(expected, RealtimeConnector.DefaultAuth(url));

    [Theory]
    [InlineData("", "?model=gpt%20%26%3F")]
    [InlineData("?api-version=1", "?api-version=1&model=gpt%20%26%3F")]
    [InlineData("?model=deployed", "?model=deployed")]
    [InlineData("?a=1&model=deployed&b=2", "?a=1&model=deployed&b=2")]
    [InlineData("?submodel=x", "?submodel=x&model=gpt%20%26%3F")]
    [InlineData("?a=model=x", "?a=model=x&model=gpt%20%26%3F")]
    public async Task Model_StandsInTheQuery_Once(string query, string expected)
    {
        await using var session = await ConnectAsync(_options with { Url = _server.Url + query, Model = "gpt &?" });

        Assert.Equal(expected, (await _server.AcceptAsync()).Query);
    }

    [Fact]
    public async Task Handshake_AsksForNoBeta()
    {
        await using var session = await ConnectAsync(_options);

        Assert.DoesNotContain("OpenAI-Beta", (await _server.AcceptAsync()).Headers);
    }

    [Fact]
    public async Task Settings_AreTheFirstThingSaid()
    {
        await using var session = await ConnectAsync(_options);

        var accepted = await _server.AcceptAsync();
        Assert.Equal(SessionUpdate.Create(_options).ToJsonString(), (await accepted.ReceiveAsync()).ToJsonString());
    }

    [Theory]
    [InlineData(401, "401: OPENAI_API_KEY")]
    [InlineData(403, "403: OPENAI_API_KEY")]
    [InlineData(404, "404: REALTIME_URL or REALTIME_MODEL")]
    [InlineData(429, "429: the account's limit")]
    [InlineData(500, "500")]
    [InlineData(302, "302")]
    [InlineData(200, "200")]
    public async Task Refusal_NamesTheSettingToLookAt(int status, string expected)
    {
        _server.Status = status;

        var exception = await Assert.ThrowsAsync<RealtimeException>(() => ConnectAsync(_options));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("test-key", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Absence_NamesTheSettingToLookAt()
    {
        var exception = await Assert.ThrowsAsync<RealtimeException>(() => ConnectAsync(_options with { Url = "ws://127.0.0.1:9/v1/realtime" }));

        Assert.Contains("REALTIME_URL", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_IsGivenUp_AfterFiveSeconds()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var connecting = ConnectAsync(_options with { Url = $"ws://{listener.LocalEndpoint}/v1/realtime" });
        using var connection = await listener.AcceptTcpClientAsync(TestTimeout.Token);

        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(connecting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        var exception = await Assert.ThrowsAsync<RealtimeException>(() => connecting);
        Assert.Contains("5 s", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connecting_Ends_WhenTheCallEnds()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var call = new CancellationTokenSource();
        var connecting = Sessions(_options with { Url = $"ws://{listener.LocalEndpoint}/" }).ConnectAsync(insist: false, call.Token);
        using var connection = await listener.AcceptTcpClientAsync(TestTimeout.Token);

        await call.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    // 15 s without an answer to a ping, and 10 more: a model that is gone without a word is noticed.
    [Fact]
    public void Model_IsPinged()
    {
        using var socket = RealtimeConnector.CreateSocket();

        Assert.Equal(TimeSpan.FromSeconds(15), socket.Options.KeepAliveInterval);
        Assert.Equal(TimeSpan.FromSeconds(10), socket.Options.KeepAliveTimeout);
    }

    private Task<RealtimeSession> ConnectAsync(RealtimeOptions options) =>
        Sessions(options).ConnectAsync(insist: false, TestTimeout.Token);

    private RealtimeSessions Sessions(RealtimeOptions options) =>
        TestSessions.Create(options, new RealtimeMetrics(new TestMeters(), Options.Create(options)), _time);
}
