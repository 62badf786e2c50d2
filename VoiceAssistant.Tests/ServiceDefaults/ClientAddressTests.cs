using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace VoiceAssistant.Tests.ServiceDefaults;

[Trait("Proves", "T-M3")]
public sealed class ClientAddressTests
{
    [Theory]
    // From the internet: itself, whatever it says.
    [InlineData("203.0.113.7", "", "203.0.113.7")]
    [InlineData("203.0.113.7", "198.51.100.1", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "198.51.100.1", "203.0.113.7")]
    [InlineData("172.32.0.1", "198.51.100.1", "172.32.0.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "198.51.100.1", "2001:db8:1:2::")]
    // Through a proxy: whom it forwards for, not what that one put before.
    [InlineData("127.0.0.1", "198.51.100.1", "198.51.100.1")]
    [InlineData("::1", "198.51.100.1", "198.51.100.1")]
    [InlineData("::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1")]
    [InlineData("172.31.255.255", "198.51.100.1", "198.51.100.1")]
    [InlineData("100.100.0.9", "192.0.2.99, 198.51.100.1", "198.51.100.1")]
    [InlineData("192.168.1.1", "127.0.0.1, 10.0.0.1, 198.51.100.1", "198.51.100.1")]
    [InlineData("fd00::1", "2001:db8:1:2:ffff::1", "2001:db8:1:2::")]
    // From inside, and nobody knows for whom.
    [InlineData("127.0.0.1", "", null)]
    [InlineData("10.0.0.1", "", null)]
    [InlineData("127.0.0.1", "unknown", null)]
    [InlineData("127.0.0.1", "198.51.100.1, unknown", null)]
    [InlineData("127.0.0.1", "198.51.100.1, 10.0.0.5", null)]
    public async Task Client_IsWhoeverThePeerMaySpeakFor(string peer, string forwardedFor, string? expected)
    {
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(peer) } };
        if (forwardedFor is not "")
        {
            context.Request.Headers["X-Forwarded-For"] = forwardedFor;
        }

        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var app = new ApplicationBuilder(services);
        app.UseClientAddress();
        app.Run(_ => Task.CompletedTask);
        await app.Build()(context);

        Assert.Equal(expected, ClientAddress.Of(context.Connection)?.ToString());
    }

    [Fact]
    public void Client_IsUnknown_WithoutAnAddress() => Assert.Null(ClientAddress.Of(new DefaultHttpContext().Connection));
}
