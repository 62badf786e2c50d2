using System.Net;
using Microsoft.AspNetCore.Http;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Tests.Local.Phone;

[Trait("Proves", "T-S4")]
public sealed class OnThisMachineTests
{
    [Theory]
    [InlineData("127.0.0.1", "localhost:5050")]
    [InlineData("::1", "[::1]:5050")]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "LOCALHOST:5050")]
    public void Request_IsAccepted_FromThisMachine(string address, string host) =>
        Assert.True(OnThisMachine.Accepts(Request(address, host)));

    [Theory]
    [InlineData("192.0.2.1", "localhost:5050")]
    [InlineData("10.0.0.1", "localhost:5050")]
    [InlineData("::ffff:192.0.2.1", "localhost:5050")]
    [InlineData(null, "localhost:5050")]
    [InlineData("127.0.0.1", "")]
    [InlineData("127.0.0.1", "voice.example")]
    [InlineData("127.0.0.1", "localhost.voice.example")]
    [InlineData("127.0.0.1", "192.0.2.1:5050")]
    public void Request_IsRefused_FromElsewhere(string? address, string host) =>
        Assert.False(OnThisMachine.Accepts(Request(address, host)));

    [Theory]
    [InlineData("Forwarded", "for=192.0.2.1")]
    [InlineData("forwarded", "")]
    [InlineData("X-Forwarded-For", "192.0.2.1")]
    [InlineData("x-forwarded-proto", "https")]
    [InlineData("X-Original-For", "192.0.2.1")]
    [InlineData("X-Real-IP", "192.0.2.1")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("Cf-Connecting-Ip", "192.0.2.1")]
    [InlineData("CF-Ray", "8f0")]
    [InlineData("Origin", "https://voice.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://localhost:5051")]
    [InlineData("Origin", "https://localhost:5050")]
    [InlineData("Origin", "http://127.0.0.1:5050")]
    public void Request_IsRefused_WithTheHeaderOfAProxyOrOfAnotherPage(string name, string value)
    {
        var context = Request("127.0.0.1", "localhost:5050");
        context.Request.Headers[name] = value;

        Assert.False(OnThisMachine.Accepts(context));
    }

    [Fact]
    public void Request_IsAccepted_FromThePhonesOwnPage()
    {
        var context = Request("127.0.0.1", "localhost:5050");
        context.Request.Headers.Origin = "http://localhost:5050";

        Assert.True(OnThisMachine.Accepts(context));
    }

    private static DefaultHttpContext Request(string? address, string host)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        context.Request.Scheme = "http";
        context.Request.Host = new(host);
        return context;
    }
}
