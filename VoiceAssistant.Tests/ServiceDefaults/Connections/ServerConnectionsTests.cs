using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Connections;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults.Connections;

/// <summary>Which connection is closed where there is no room for another one.</summary>
[Trait("Proves", "T-W10")]
public sealed class ServerConnectionsTests : IDisposable
{
    private const string Loopback = "127.0.0.1";

    private readonly LogRecorder _log = new();
    private readonly ServerConnections _connections;

    public ServerConnectionsTests() => _connections = new ServerConnections(new FakeTimeProvider(), LoggerFactory.Create(logging => logging.AddProvider(_log)).CreateLogger<ServerConnections>());

    public void Dispose() => _log.Dispose();

    [Fact]
    public void LongestIdle_IsClosed_WhereThereIsNoRoom()
    {
        var open = Open(ServerConnections.Max, Loopback);

        var newcomer = Open(Loopback);

        Assert.True(open[0].IsAborted);
        Assert.True(newcomer.IsServed);
        Assert.DoesNotContain(open[1..], connection => connection.IsAborted);
        Assert.Equal(ServerConnections.Max, _connections.Count);
        Assert.Single(_log.Lines, line => line.Contains("the one that was idle for longest", StringComparison.Ordinal));
    }

    [Fact]
    public void Connection_IsNotTheLongestIdle_WhereItHadARequestSince()
    {
        var open = Open(ServerConnections.Max, Loopback);
        _connections.Touch(open[0].Place, isPinned: false);

        Open(Loopback);

        Assert.Equal([false, true], open[..2].Select(connection => connection.IsAborted));
    }

    [Fact]
    public void Connection_IsKept_WhileItsRequestIsTwilios()
    {
        var open = Open(ServerConnections.Max, Loopback);
        open.ForEach(connection => connection.Place.Pin());
        open[1..].ForEach(connection => _connections.Touch(connection.Place, isPinned: false));

        Open(Loopback);

        Assert.Equal([false, true], open[..2].Select(connection => connection.IsAborted));
    }

    // Twilio's next request may be on its way.
    [Fact]
    public void Connection_IsClosedLast_WhereItHasCarriedARequestOfTwilios()
    {
        var open = Open(ServerConnections.Max, Loopback);
        open[0].Place.Pin();
        _connections.Touch(open[0].Place, isPinned: false);

        Open(ServerConnections.Max + 1, Loopback);

        Assert.False(open[0].IsAborted);
    }

    [Fact]
    public void NewConnection_IsClosed_WhereAllOthersCarryRequestsOfTwilios()
    {
        var open = Open(ServerConnections.Max, Loopback);
        open.ForEach(connection => connection.Place.Pin());

        var newcomer = Open(Loopback);

        Assert.True(newcomer.IsAborted);
        Assert.False(newcomer.IsServed);
        Assert.DoesNotContain(open, connection => connection.IsAborted);
    }

    [Fact]
    public void WebSocket_TakesNoRoom()
    {
        var open = Open(ServerConnections.Max, Loopback);
        open.ForEach(connection => connection.Features.Get<IDecrementConcurrentConnectionCountFeature>()!.ReleaseConnection());

        var others = Open(ServerConnections.Max, Loopback);

        Assert.DoesNotContain([.. open, .. others], connection => connection.IsAborted);
    }

    [Fact]
    public async Task Connection_LeavesNothing_WhenItEnds()
    {
        var open = Open(10, Loopback);
        open.ForEach(connection => connection.End());

        await Task.WhenAll(open.Select(connection => connection.Serving));

        Assert.Equal(0, _connections.Count);
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8::1", "2001:db8::2")]
    public void Address_GivesWayToItself_BeyondAHundredConnections(string address, string again)
    {
        var other = Open("198.51.100.1");
        var open = Open(ServerConnections.MaxOfAddress, address);

        var newcomer = Open(again);

        Assert.True(open[0].IsAborted);
        Assert.True(newcomer.IsServed);
        Assert.DoesNotContain([other, .. open[1..]], connection => connection.IsAborted);
    }

    [Theory]
    [InlineData(Loopback)]
    [InlineData("10.1.2.3")]
    public void Address_MayHaveAll_WhereManyClientsStandBehindIt(string address) =>
        Assert.DoesNotContain(Open(ServerConnections.Max, address), connection => connection.IsAborted);

    private List<FakeConnection> Open(int count, string address) => [.. Enumerable.Range(0, count).Select(_ => Open(address))];

    private FakeConnection Open(string address)
    {
        var connection = new FakeConnection(address);
        connection.Serving = _connections.ServeAsync(connection, connection.ServeAsync);
        return connection;
    }

    private sealed class FakeConnection : DefaultConnectionContext
    {
        private readonly TaskCompletionSource _ended = new();

        public FakeConnection(string address) => RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 12345);

        public Task Serving { get; set; } = Task.CompletedTask;

        public bool IsServed { get; private set; }

        public bool IsAborted { get; private set; }

        public ServerConnection Place => Features.Get<ServerConnection>()!;

        public Task ServeAsync(ConnectionContext connection)
        {
            IsServed = true;
            return _ended.Task;
        }

        public void End() => _ended.SetResult();

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;
    }
}
