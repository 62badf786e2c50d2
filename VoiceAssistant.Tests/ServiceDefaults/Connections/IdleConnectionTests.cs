using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using VoiceAssistant.Connections;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults.Connections;

/// <summary>More connections than the server has room for, all of one address, as behind a tunnel; and then a call.</summary>
[Trait("Proves", "T-W10")]
[Trait("Proves", "T-M3")]
public sealed class IdleConnectionTests(WebhookFixture fixture) : IClassFixture<WebhookFixture>
{
    private const string Get = "GET /alive HTTP/1.1\r\nHost: voice.example\r\n\r\n";

    [Theory]
    [InlineData(500, "")]
    [InlineData(1000, "")]
    [InlineData(600, "P")]
    [InlineData(600, Get)]
    [InlineData(600, "POST /incoming-call HTTP/1.1\r\nHost: voice.example\r\nX-Twilio-Signature: RSOYDt4T1cUTdK1PDd93/VVr8B8=\r\n"
        + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nCallSid=")]
    public async Task Call_IsAnswered_BehindConnectionsThatSayNothingMore(int count, string said)
    {
        using (await Strangers.ConnectAsync(fixture.Webhook.Client.BaseAddress!.Port, count, said))
        {
            using var response = await fixture.Webhook.SendAsync(TwilioRequest.NewCall());
            Assert.NotEmpty(TestTwiml.Token(await response.Content.ReadAsStringAsync(TestTimeout.Token)));
        }

        // The call's own is kept for the next request.
        await EmptyAsync(fixture.Webhook.Service<ServerConnections>(), left: 1);
    }

    [Fact]
    public async Task LiveCall_GoesOn_AndTheNextOneComesIn()
    {
        await using var model = await FakeRealtimeServer.StartAsync();
        await using var bridge = await BridgeHost.StartAsync(model.Url);
        await using var caller = await bridge.CallAsync();
        var session = await model.AcceptConfiguredAsync();

        using (await Strangers.ConnectAsync(bridge.Client.BaseAddress!.Port, 1000, ""))
        {
            await caller.SendMediaAsync(20, [0x7E, 0x7F, 0x00]);
            Assert.Equal("""{"type":"input_audio_buffer.append","audio":"fn8A"}""", await session.ReceiveTextAsync());

            await using var next = await bridge.CallAsync("CA0123456789abcdef0123456789abcde0");
            await model.AcceptConfiguredAsync();
        }

        await EmptyAsync(bridge.Services.GetRequiredService<ServerConnections>(), left: 0);
    }

    // Its endpoint is made in another way than the services'.
    [Fact]
    public async Task Page_IsServed_ByLocal()
    {
        await using var local = await LocalHost.StartAsync();
        using var strangers = await Strangers.ConnectAsync(local.PhoneUrl.Port, 600, "");
        using var http = new HttpClient { Timeout = TestTimeout.Value };

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(local.PhoneUrl, TestTimeout.Token)).StatusCode);
        await local.Log.WaitForAsync("ConnectionEvicted");
    }

    // So none of them is closed, however many strangers there are.
    [Fact]
    public async Task OperatorsConnections_AreNotAmongThem()
    {
        var (world, management) = (LoopbackPort.Free(), LoopbackPort.Free());
        var builder = WebApplication.CreateBuilder(["--environment=Local", $"--MANAGEMENT_PORT={management}", $"--URLS=http://127.0.0.1:{world};http://localhost:{management}"]);
        builder.AddServiceDefaults();
        await using var app = builder.Build();
        app.MapDefaultEndpoints(MapCount);
        MapCount(app);
        await app.StartAsync(TestTimeout.Token);
        using var http = new HttpClient { Timeout = TestTimeout.Value };

        Assert.Equal("0", await http.GetStringAsync($"http://localhost:{management}/count", TestTimeout.Token));
        Assert.Equal("1", await http.GetStringAsync($"http://127.0.0.1:{world}/count", TestTimeout.Token));

        static void MapCount(IEndpointRouteBuilder routes) => routes.MapGet("/count", (ServerConnections connections) => $"{connections.Count}");
    }

    private static async Task EmptyAsync(ServerConnections connections, int left)
    {
        for (var end = TestTimeout.Token; connections.Count > left;)
        {
            await Task.Delay(1, end);
        }
    }

    /// <summary>Connections whose other side says this and nothing more.</summary>
    private sealed class Strangers : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public static async Task<Strangers> ConnectAsync(int port, int count, string said)
        {
            var strangers = new Strangers();
            for (var i = 0; i < count; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                strangers._sockets.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, port, TestTimeout.Token);
                await socket.SendAsync(Encoding.ASCII.GetBytes(said), TestTimeout.Token);
            }

            return strangers;
        }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
    }
}
