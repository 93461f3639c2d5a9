using System.Net;
using System.Net.Sockets;

namespace OpsConsole.Features.Access;

/// <summary>Where somebody proves who they are from.</summary>
/// <param name="Address">As it goes on record, in an erasable payload.</param>
/// <param name="Source">What failures are counted by: the address; of IPv6 the network of 64 bits that one household has.</param>
public readonly record struct ClientAddress(string Address, string Source)
{
    /// <summary>Somebody who is signed in and types their password again: counted apart, so that it locks nobody's sign-in.</summary>
    public static readonly ClientAddress AccountPage = new("account page", "account page");

    public static ClientAddress Of(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } ip) return new("local", "local");
        if (ip.IsIPv4MappedToIPv6) ip = ip.MapToIPv4();
        if (ip.AddressFamily != AddressFamily.InterNetworkV6) return new(ip.ToString(), ip.ToString());
        Span<byte> bytes = stackalloc byte[16];
        ip.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new(ip.ToString(), new IPAddress(bytes) + "/64");
    }
}
