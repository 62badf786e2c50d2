using System.Net;
using System.Net.WebSockets;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone;

/// <summary>Behind a proxy that adds no header and names localhost as the host, a stranger looks like this machine's browser.</summary>
[Trait("Proves", "T-S4")]
public sealed class PhoneKeyTests : IAsyncLifetime
{
    private static readonly string[] Paths = ["/", "/index.html", "/main.js", "/phone", "/phone/info", "/phone/test-call"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false });
    private LocalHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await LocalHost.StartAsync(("PUBLIC_URL", "https://voice.example"));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("?key=", "phone-key=")]
    [InlineData("?key=0123456789abcdef0123456789abcdef", "phone-key=0123456789abcdef0123456789abcdef")]
    public async Task Phone_DoesNotExist_WithoutItsKey(string query, string? cookie)
    {
        foreach (var path in Paths)
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post])
            {
                using var response = await SendAsync(method, path + query, cookie);

                Assert.Equal((path, HttpStatusCode.NotFound), (path, response.StatusCode));
                Assert.False(response.Headers.Contains("Set-Cookie"));
            }
        }

        Assert.Equal(HttpStatusCode.NotFound, await ConnectAsync(cookie));
    }

    [Fact]
    public async Task Phone_RemembersItsKey()
    {
        using var first = await SendAsync(HttpMethod.Get, _host.PhoneUrl.PathAndQuery, cookie: null);
        var cookie = first.Headers.GetValues("Set-Cookie").Single().Split("; ");
        using var info = await SendAsync(HttpMethod.Get, "/phone/info", cookie[0]);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, info.StatusCode));
        Assert.Equal(["path=/", "samesite=strict", "httponly"], cookie[1..]);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConnectAsync(cookie[0]));
    }

    [Fact]
    public async Task Key_IsNotThatOfAnotherStart()
    {
        await using var other = await LocalHost.StartAsync(("PUBLIC_URL", "https://voice.example"));
        using var response = await SendAsync(HttpMethod.Get, other.PhoneUrl.PathAndQuery, cookie: null);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Phone_NeedsNoKey_WhereNothingIsPublic()
    {
        await using var host = await LocalHost.StartAsync();
        using var response = await _http.GetAsync(host.PhoneUrl, TestTimeout.Token);

        Assert.Equal("/", host.PhoneUrl.PathAndQuery);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string pathAndQuery, string? cookie)
    {
        using var request = new HttpRequestMessage(method, new Uri(_host.PhoneUrl, pathAndQuery));
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return await _http.SendAsync(request, TestTimeout.Token);
    }

    private async Task<HttpStatusCode> ConnectAsync(string? cookie)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Origin", _host.PhoneUrl.GetLeftPart(UriPartial.Authority));
        socket.Options.SetRequestHeader("Cookie", cookie);
        try
        {
            await socket.ConnectAsync(new UriBuilder(_host.PhoneUrl) { Scheme = "ws", Path = "/phone", Query = "" }.Uri, TestTimeout.Token);
        }
        catch (WebSocketException)
        {
            // The status says it.
        }

        return socket.HttpStatusCode;
    }
}
