using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone;

public sealed class PhoneEndpointsTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private PhoneHost _host = null!;

    private static CancellationToken Timeout => TestTimeout.Token;

    public async ValueTask InitializeAsync() => _host = await PhoneHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _http.Dispose();
    }

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/main.js", "text/javascript")]
    [InlineData("/worklets/mic.js", "text/javascript")]
    [InlineData("/style.css", "text/css")]
    [InlineData("/icon.svg", "image/svg+xml")]
    [InlineData("/clips/question.ulaw", "audio/basic")]
    public async Task Page_IsServed_UnderAStrictPolicy(string path, string contentType)
    {
        using var response = await _http.GetAsync(new Uri(_host.Url, path), Timeout);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("default-src 'none'; script-src 'self'; ", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Info_TellsWhoAnswers() =>
        Assert.Equal(PhoneHost.Info, await _http.GetFromJsonAsync<PhoneInfo>(new Uri(_host.Url, "/phone/info"), Timeout));

    [Theory]
    [InlineData("Host", "voice.example")]
    [InlineData("X-Forwarded-For", "192.0.2.1")]
    [InlineData("Forwarded", "for=192.0.2.1")]
    [InlineData("Cf-Connecting-Ip", "192.0.2.1")]
    [InlineData("Origin", "https://voice.example")]
    public async Task Phone_DoesNotExist_ForStrangers(string header, string value)
    {
        foreach (var path in (string[])["/", "/index.html", "/main.js", "/clips/question.ulaw", "/phone", "/phone/info", "/phone/test-call"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host.Url, path));
            request.Headers.TryAddWithoutValidation(header, value);
            using var response = await _http.SendAsync(request, Timeout);

            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Equal(0, response.Content.Headers.ContentLength);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("https://voice.example")]
    [InlineData("http://127.0.0.1:1")]
    public async Task WebSocket_IsNotFound_ForAnotherPage(string? origin)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        await Assert.ThrowsAsync<WebSocketException>(
            () => socket.ConnectAsync(new UriBuilder(_host.Url) { Scheme = "ws", Path = "/phone" }.Uri, Timeout));

        Assert.Equal(HttpStatusCode.NotFound, socket.HttpStatusCode);
    }

    [Fact]
    public async Task Phone_IsNotFound_WithoutAWebSocket()
    {
        using var response = await _http.GetAsync(new Uri(_host.Url, "/phone"), Timeout);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }
}
