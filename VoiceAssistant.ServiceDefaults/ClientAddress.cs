using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace VoiceAssistant;

/// <summary>Whom to count a stranger with.</summary>
/// <remarks>
/// A peer whose address is not routed on the internet is a proxy (cloudflared, the ingress of Container Apps) or a program of our own. It is believed in
/// whom it forwards for: the last entry of X-Forwarded-For, which it appended itself, whatever its client put before. A peer from the internet is
/// believed in nothing.
/// </remarks>
public static class ClientAddress
{
    private static readonly IPNetwork[] NotRouted =
    [
        .. new[]
        {
            "127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10",
            // Shared with carriers; the ingress of Container Apps has addresses in it.
            "100.64.0.0/10",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    public static void UseClientAddress(this IApplicationBuilder app)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = 1 };
        foreach (var network in NotRouted)
        {
            options.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(options);
    }

    /// <returns>Null where many clients may stand behind the address, which then says nothing about one of them.</returns>
    public static IPAddress? Of(ConnectionInfo connection) => Of(connection.RemoteIpAddress);

    /// <inheritdoc cref="Of(ConnectionInfo)"/>
    internal static IPAddress? Of(IPAddress? address)
    {
        if (address is null)
        {
            return null;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (NotRouted.Any(network => network.Contains(address)))
        {
            return null;
        }

        // Everybody has a whole /64 of IPv6 addresses.
        return address.AddressFamily is AddressFamily.InterNetworkV6 ? new IPNetwork(address, 64).BaseAddress : address;
    }
}
