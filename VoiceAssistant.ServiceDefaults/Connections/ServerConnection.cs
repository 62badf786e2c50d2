using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace VoiceAssistant.Connections;

/// <summary>One connection of the server; a feature of the connection and of its requests.</summary>
internal sealed class ServerConnection : IDecrementConcurrentConnectionCountFeature, IDisposable
{
    private readonly ServerConnections _connections;
    private readonly ConnectionContext _context;

    public ServerConnection(ServerConnections connections, ConnectionContext context)
    {
        (_connections, _context) = (connections, context);
        Node = new LinkedListNode<ServerConnection>(this);
        Address = ClientAddress.Of((context.RemoteEndPoint as IPEndPoint)?.Address);
    }

    /// <summary>Its place among all connections; only their owner touches it.</summary>
    public LinkedListNode<ServerConnection> Node { get; }

    /// <inheritdoc cref="Node"/>
    public bool IsPinned { get; set; }

    /// <inheritdoc cref="Node"/>
    public bool WasPinned { get; set; }

    /// <summary>Of the other side of the connection; null where many clients may stand behind it.</summary>
    public IPAddress? Address { get; }

    /// <summary>Handles one of its requests.</summary>
    public async Task ServeAsync(HttpContext http, RequestDelegate next)
    {
        _connections.Touch(this, isPinned: false);
        try
        {
            await next(http);
        }
        finally
        {
            _connections.Touch(this, isPinned: false);
        }
    }

    /// <summary>Keeps it until its request is answered.</summary>
    public void Pin() => _connections.Touch(this, isPinned: true);

    public void Abort() => _context.Abort(new ConnectionAbortedException("It was idle for longest, and another connection needed its place."));

    /// <summary>It has become a WebSocket.</summary>
    void IDecrementConcurrentConnectionCountFeature.ReleaseConnection() => _connections.Remove(this);

    public void Dispose() => _connections.Remove(this);
}
