using System.Net;
using System.Net.WebSockets;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

public sealed class StreamEndpointsTests(BridgeFixture bridge) : IClassFixture<BridgeFixture>
{
    [Theory]
    [InlineData("GET", HttpStatusCode.UpgradeRequired)]
    [InlineData("POST", HttpStatusCode.MethodNotAllowed)]
    public async Task Request_IsRefused_ThatIsNoWebSocket(string method, HttpStatusCode expected)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), bridge.Host.Url.Replace("ws:", "http:", StringComparison.Ordinal));

        using var response = await client.SendAsync(request, TestTimeout.Token);

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("/MEDIA-STREAM", HttpStatusCode.NotFound)]
    [InlineData("/media-stream/", HttpStatusCode.NotFound)]
    [InlineData("/media-stream/?x=y", HttpStatusCode.NotFound)]
    [InlineData("/media-stream?x=y", HttpStatusCode.Forbidden)]
    [InlineData("/media-stream", HttpStatusCode.SwitchingProtocols)]
    public async Task Stream_IsAccepted_AtItsExactUrlOnly(string pathAndQuery, HttpStatusCode expected)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;

        var exception = await Record.ExceptionAsync(() => socket.ConnectAsync(new Uri(new Uri(bridge.Host.Url), pathAndQuery), TestTimeout.Token));

        Assert.True(exception is null or WebSocketException);
        Assert.Equal(expected, socket.HttpStatusCode);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://localhost")]
    [InlineData("null")]
    [InlineData("")]
    [Trait("Proves", "T-M8")]
    public async Task Browser_IsRefused_WhateverItsOrigin(string origin)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Origin", origin);

        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(socket));

        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("audio.twilio.com", "audio.twilio.com")]
    [InlineData("other,audio.twilio.com", "audio.twilio.com")]
    [InlineData("other", null)]
    public async Task SubProtocol_IsEchoed_OnlyIfOffered(string offered, string? expected)
    {
        using var socket = new ClientWebSocket();
        foreach (var protocol in offered.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            socket.Options.AddSubProtocol(protocol);
        }

        await ConnectAsync(socket);

        Assert.Equal(expected, socket.SubProtocol);
    }

    [Fact]
    [Trait("Proves", "T-M9")]
    public async Task Compression_IsNotNegotiated()
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();

        await ConnectAsync(socket);

        Assert.False(socket.HttpResponseHeaders!.ContainsKey("Sec-WebSocket-Extensions"));
    }

    private Task ConnectAsync(ClientWebSocket socket) => socket.ConnectAsync(new Uri(bridge.Host.Url), TestTimeout.Token);
}
