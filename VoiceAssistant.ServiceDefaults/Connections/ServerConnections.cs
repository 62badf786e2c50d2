using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.Connections;

/// <summary>
/// All connections of the server that are neither WebSockets nor the operator's. A new connection always gets in: where there is no room, the one that
/// has been idle for longest is closed. Silence, a request that does not end and a request that is not Twilio's keep nobody out.
/// </summary>
/// <remarks>Instead of Kestrel's MaxConcurrentConnections, which turns new connections away, whatever the others do.</remarks>
internal sealed partial class ServerConnections(TimeProvider time, ILogger<ServerConnections> logger)
{
    public const int Max = 500;

    /// <summary>Of one address, where addresses tell clients apart.</summary>
    public const int MaxOfAddress = 100;

    private readonly Lock _lock = new();
    private readonly Rarely _evictions = new(time);

    // The longest idle first.
    private readonly LinkedList<ServerConnection> _connections = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    public async Task ServeAsync(ConnectionContext context, ConnectionDelegate next)
    {
        using var connection = new ServerConnection(this, context);
        context.Features.Set(connection);
        // Kestrel's own limit has this feature, too: Kestrel tells it of a connection that becomes a WebSocket. WebSockets have limits of their own.
        context.Features.Set<IDecrementConcurrentConnectionCountFeature>(connection);

        var evicted = Add(connection);
        if (evicted is not null)
        {
            evicted.Abort();
            if (_evictions.IsDue(out var others))
            {
                if (evicted == connection)
                {
                    LogRefused(Max, MaxOfAddress, others);
                }
                else
                {
                    LogEvicted(Max, MaxOfAddress, others);
                }
            }
        }

        if (evicted != connection)
        {
            await next(context);
        }
    }

    /// <summary>Something happens on the connection: now it is the one that has been idle for the shortest time.</summary>
    public void Touch(ServerConnection connection, bool isPinned)
    {
        lock (_lock)
        {
            // A WebSocket, or one that was closed meanwhile, is not of the list.
            if (connection.Node.List is not null)
            {
                connection.IsPinned = isPinned;
                connection.WasPinned |= isPinned;
                _connections.Remove(connection.Node);
                _connections.AddLast(connection.Node);
            }
        }
    }

    public void Remove(ServerConnection connection)
    {
        lock (_lock)
        {
            if (connection.Node.List is not null)
            {
                _connections.Remove(connection.Node);
            }
        }
    }

    /// <returns>The connection to close, if any: the new one only where all others carry requests of Twilio's.</returns>
    private ServerConnection? Add(ServerConnection connection)
    {
        lock (_lock)
        {
            var evicted =
                connection.Address is { } address && _connections.Count(other => address.Equals(other.Address)) >= MaxOfAddress ? LongestIdle(address) ?? connection
                : _connections.Count >= Max ? LongestIdle(address: null) ?? connection
                : null;
            if (evicted != connection)
            {
                _connections.AddLast(connection.Node);
            }

            if (evicted?.Node.List is not null)
            {
                _connections.Remove(evicted.Node);
            }

            return evicted;
        }
    }

    // Twilio may just be sending the next request over a connection that it has used before, so those come last.
    private ServerConnection? LongestIdle(IPAddress? address) => _connections
        .Where(connection => !connection.IsPinned && (address is null || address.Equals(connection.Address)))
        .OrderBy(connection => connection.WasPinned)
        .FirstOrDefault();

    [LoggerMessage(1, LogLevel.Warning,
        "There are {Max} connections, or {MaxOfAddress} of one address, so the one that was idle for longest was closed for a new one ({Others} more since the last "
        + "such line). Calls are not hindered; somebody holds connections open.", EventName = "ConnectionEvicted")]
    private partial void LogEvicted(int max, int maxOfAddress, int others);

    [LoggerMessage(2, LogLevel.Warning,
        "A new connection was refused, as {Max} connections, or {MaxOfAddress} of its address, carry requests that Twilio signed ({Others} more since the last such line).",
        EventName = "ConnectionRefused")]
    private partial void LogRefused(int max, int maxOfAddress, int others);
}
