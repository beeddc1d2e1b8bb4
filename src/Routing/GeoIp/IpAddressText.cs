namespace Weir.Routing.GeoIp;

/// <summary>Reads addresses as Go's <c>net.ParseIP</c> does: no zones, no leading zeros, no short forms of IPv4.
/// </summary>
internal static class IpAddressText
{
    public const int BytesMax = 16;

    private const int Groups = 8;

    /// <param name="address">At least 16 bytes.</param>
    /// <param name="length">4 also for an IPv4 address that is written as IPv6, <c>::ffff:10.0.0.1</c>; else
    /// 16.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, Span<byte> address, out int length)
    {
        length = 4;
        if (!text.Contains((byte)':')) return TryIpv4(text, address);
        length = BytesMax;
        if (!TryIpv6(text, address)) return false;
        ReadOnlySpan<byte> mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
        if (!address.StartsWith(mapped)) return true;
        address[12..16].CopyTo(address);
        length = 4;
        return true;
    }

    private static bool TryIpv4(ReadOnlySpan<byte> text, Span<byte> address)
    {
        for (var part = 0; part < 4; part++)
        {
            var end = part < 3 ? text.IndexOf((byte)'.') : text.Length;
            if (end is < 1 or > 3 || (end > 1 && text[0] == '0')) return false;
            var value = 0;
            foreach (var digit in text[..end])
            {
                if (!char.IsAsciiDigit((char)digit)) return false;
                value = value * 10 + digit - '0';
            }

            if (value > byte.MaxValue) return false;
            address[part] = (byte)value;
            text = text[Math.Min(end + 1, text.Length)..];
        }

        return true;
    }

    private static bool TryIpv6(ReadOnlySpan<byte> text, Span<byte> address)
    {
        address[..BytesMax].Clear();
        var (group, gap) = (0, -1);
        if (text.StartsWith("::"u8))
        {
            gap = 0;
            text = text[2..];
        }

        while (!text.IsEmpty)
        {
            if (group == Groups) return false;
            var end = text.IndexOf((byte)':');
            var part = end < 0 ? text : text[..end];
            if (end < 0 && part.Contains((byte)'.'))
            {
                if (group > Groups - 2 || !TryIpv4(part, address[(group * 2)..])) return false;
                group += 2;
                break;
            }

            if (!TryGroup(part, address[(group++ * 2)..])) return false;
            if (end < 0) break;
            text = text[(end + 1)..];
            if (text.IsEmpty) return false;
            if (text[0] != ':') continue;
            if (gap >= 0) return false;
            gap = group;
            text = text[1..];
        }

        if (gap < 0) return group == Groups;
        if (group == Groups) return false;
        // What follows the gap moves to the end.
        var moved = (group - gap) * 2;
        address.Slice(gap * 2, moved).CopyTo(address[(BytesMax - moved)..]);
        address[(gap * 2)..(BytesMax - moved)].Clear();
        return true;
    }

    private static bool TryGroup(ReadOnlySpan<byte> part, Span<byte> to)
    {
        if (part.Length is 0 or > 4) return false;
        var value = 0;
        foreach (var digit in part)
        {
            if (!char.IsAsciiHexDigit((char)digit)) return false;
            value = value << 4 | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        (to[0], to[1]) = ((byte)(value >> 8), (byte)value);
        return true;
    }
}
