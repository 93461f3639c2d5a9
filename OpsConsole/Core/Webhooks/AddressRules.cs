namespace OpsConsole.Core.Webhooks;

/// <summary>Which network addresses nobody may make the console connect to. Works on the bytes of an address, four or sixteen, in network order.</summary>
public static class AddressRules
{
    private static readonly (byte[] Network, int Bits, string What)[] Four =
    [
        ([0, 0, 0, 0], 8, "this network"), ([10, 0, 0, 0], 8, "a private network"), ([100, 64, 0, 0], 10, "a carrier's private network"), ([127, 0, 0, 0], 8, "loopback"), ([169, 254, 0, 0], 16, LinkLocal),
        ([172, 16, 0, 0], 12, "a private network"), ([192, 0, 0, 0], 24, "a reserved network"), ([192, 0, 2, 0], 24, "for documentation"), ([192, 88, 99, 0], 24, "a 6to4 relay"), ([192, 168, 0, 0], 16, "a private network"),
        ([198, 18, 0, 0], 15, "for benchmarks"), ([198, 51, 100, 0], 24, "for documentation"), ([203, 0, 113, 0], 24, "for documentation"), ([224, 0, 0, 0], 4, "multicast"), ([240, 0, 0, 0], 4, "reserved or broadcast"),
    ];
    private const string LinkLocal = "link-local, where clouds keep their metadata";
    private static readonly (byte[] Network, int Bits, string What)[] Six =
    [
        (Prefix(0xfc, 0), 7, "a private network"), (Prefix(0xfe, 0x80), 10, LinkLocal), (Prefix(0xfe, 0xc0), 10, "site-local"), (Prefix(0xff, 0), 8, "multicast"), (Prefix(0x20, 0x02), 16, "6to4"), (Prefix(0x20, 0x01, 0, 0), 32, "Teredo"),
        (Prefix(0x20, 0x01, 0x0d, 0xb8), 32, "for documentation"), (Prefix(0, 0x64, 0xff, 0x9b), 32, "NAT64"), (Prefix(0x01, 0), 64, "discard-only"),
    ];

    /// <summary>Why an address is refused, for people; null when it may be connected to.</summary>
    /// <param name="allowed">The operator named this origin: its own networks are open to it, but never link-local (metadata), multicast and what is no host.</param>
    public static string? Refusal(ReadOnlySpan<byte> address, bool allowed = false)
    {
        var plain = address.Length == 16 && IsMapped(address) ? address[12..] : address;
        var what = plain.Length switch { 4 => Find(plain, Four), 16 => IPv6(plain), _ => "no address" };
        return what is null || (allowed && what is "loopback" or "a private network" or "a carrier's private network") ? null : what;
    }

    private static string? IPv6(ReadOnlySpan<byte> address)
    {
        if (!address[..15].ContainsAnyExcept((byte)0)) return address[15] switch { 0 => "no host", 1 => "loopback", _ => "an IPv4 address in IPv6" };
        if (!address[..12].ContainsAnyExcept((byte)0)) return "an IPv4 address in IPv6";
        return Find(address, Six) ?? ((address[0] & 0xe0) == 0x20 ? null : "no public network");   // public is 2000::/3
    }

    // ::ffff:a.b.c.d is what a.b.c.d is.
    private static bool IsMapped(ReadOnlySpan<byte> address) => !address[..10].ContainsAnyExcept((byte)0) && address[10] == 0xff && address[11] == 0xff;

    private static string? Find(ReadOnlySpan<byte> address, (byte[] Network, int Bits, string What)[] ranges)
    {
        foreach (var (network, bits, what) in ranges)
        {
            var whole = bits / 8;
            var mask = (byte)(0xff << (8 - bits % 8));
            if (address[..whole].SequenceEqual(network.AsSpan(0, whole)) && (bits % 8 == 0 || (address[whole] & mask) == (network[whole] & mask))) return what;
        }
        return null;
    }

    private static byte[] Prefix(params byte[] first) => [.. first, .. new byte[16 - first.Length]];
}
